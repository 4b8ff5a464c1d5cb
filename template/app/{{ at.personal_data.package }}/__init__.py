"""Personal data: what people may ask about themselves."""
