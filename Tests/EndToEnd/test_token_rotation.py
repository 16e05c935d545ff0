"""A new admin token for a gateway with its files beside it."""

from audit_log import of_operator
from gateway import Gateway
from http_client import request
from test_backup import CONFIGURATION_ERROR, assert_refused, run
from command_line import CommandLine


def status(gateway: Gateway, token: str) -> int:
    return request(gateway.address, "GET", "/v1/alerts", token=token).status


def test_both_tokens_count_until_the_old_one_is_taken_away(gateway: Gateway) -> None:
    old = gateway.token
    result = run(gateway, "token", "rotate")
    assert result.returncode == 0, result.stderr
    file, previous = gateway.data / "admin-token", gateway.data / "admin-token.previous"
    token = file.read_text().strip()
    assert token != old and previous.read_text().strip() == old
    assert token not in result.stdout and old not in result.stdout
    for path in (file, previous):
        assert path.stat().st_mode & 0o777 == 0o600
    # It takes a start; nobody is refused before.
    assert status(gateway, old) == 200
    gateway.stop()
    gateway.start_again()
    # It was told of at once, in the store that was in use.
    assert of_operator(gateway) == [("admin_token.rotate", "", "done")]
    doctor = CommandLine(gateway.binary, gateway.directory, gateway)
    assert "nobody has used it since the start" in doctor.run("doctor").stdout
    assert [status(gateway, word) for word in (token, old, old, "x" * 43)] == [200, 200, 200, 401]
    said = gateway.process.said()
    assert said.count("with the previous admin token") == 1, said
    assert "was last used at 2" in doctor.run("doctor").stdout
    previous.unlink()
    gateway.stop()
    gateway.start_again()
    assert [status(gateway, word) for word in (token, old)] == [200, 401]
    assert "previous admin token" not in doctor.run("doctor").stdout


def test_a_token_that_can_not_be_one(gateway: Gateway) -> None:
    before = gateway.token
    file = gateway.directory / "new-token"
    for text, words in (("short", "16 to 512"), (before, "the one in use"), ("", "is empty")):
        file.write_text(text + "\n")
        result = run(gateway, "token", "rotate", "--new-token-file", str(file))
        assert result.returncode in (1, CONFIGURATION_ERROR), result
        assert words in result.stderr, result.stderr
        assert before not in result.stderr
    file.unlink()
    assert of_operator(gateway) == []
    assert (gateway.data / "admin-token").read_text().strip() == before
    assert not (gateway.data / "admin-token.previous").exists()


def test_a_token_that_is_in_no_file(gateway: Gateway) -> None:
    line = CommandLine(gateway.binary, gateway.directory)
    result = line.run("token", "rotate", GATEWAY_ADMIN_TOKEN="0123456789abcdef")
    assert_refused(result, "GATEWAY_ADMIN_TOKEN_PREVIOUS", CONFIGURATION_ERROR)
