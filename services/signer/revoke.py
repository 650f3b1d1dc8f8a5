"""`python -m services.signer.revoke`: the command that revokes (`commands/revoke.py`)."""

from services.signer.commands.revocation import main

if __name__ == "__main__":
    main()
