"""What is judged about pacts and service contracts, in processes that are killed when they take too long."""
