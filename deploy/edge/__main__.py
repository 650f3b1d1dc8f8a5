"""`python -m deploy.edge`: writes the edge's limits of bodies anew from the services' routes."""

from deploy.edge import body_limits

if __name__ == "__main__":
    body_limits.FILE.write_text(body_limits.written())
    print(f"Written: {body_limits.FILE}")
