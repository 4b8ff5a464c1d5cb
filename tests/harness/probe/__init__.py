"""A feature that notes what is done with its jobs. Copied into a service, where `app` is found."""
