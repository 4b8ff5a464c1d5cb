"""What a load balancer and an orchestrator ask."""
