"""`hochieu`: run the system, push files, issue tokens, verify codes, make samples, measure."""

import typer

from deploy.cli import audit, audit_log, bench, dlq, push, run, sample, token, verify

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("run")(run.command)
app.command("push")(push.command)
app.command("token")(token.command)
app.command("verify")(verify.command)
app.command("sample")(sample.command)
app.command("bench")(bench.command)
app.command("audit")(audit.command)
app.command("audit-log")(audit_log.command)
app.add_typer(dlq.app, name="dlq")
