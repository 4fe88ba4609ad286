"""The client side: what a laptop keeps beside its rows, and the loop that exchanges it with the server."""
