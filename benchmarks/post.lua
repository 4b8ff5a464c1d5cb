-- Has wrk send what the environment names.
wrk.method = "POST"
wrk.body = os.getenv("BODY")
