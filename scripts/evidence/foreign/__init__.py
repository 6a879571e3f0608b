"""Two servers of the endpoint that share no code with the project, and the suite run against them."""
