"""The files of the containers name only what there is: settings, ports, paths, secrets,
networks.
"""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.containers import mail, secret_files
from deploy.kafka.secured import broker_settings
from deploy.local.home import Home
from services.chassis.settings import ServiceSettings
from services.records.settings import Settings as RecordsSettings
from services.signer.settings import Settings as SignerSettings
from services.verifier.settings import Settings as VerifierSettings
from tests.support.paths import DEPLOY, ROOT
from tests.support.settings import SETTINGS, defaults

OURS = (
    "gateway",
    "registry",
    "mail",
    *(f"{name}-{duty}" for name in SETTINGS for duty in ("api", "worker")),
)
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PRODUCTION: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.production.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
MANIFESTS = [
    one
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text())
]


def processes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, service in SERVICES.items():
        if name.partition("-")[0] in SETTINGS:
            yield name, name.partition("-")[0], service


def test_every_service_runs_as_api_and_as_worker() -> None:
    duties = {tuple(service["command"]) for _, _, service in processes()}
    assert duties == {(f"services.{name}", duty) for name in SETTINGS for duty in ("api", "worker")}


def test_every_variable_is_a_setting_and_no_needed_one_is_missing() -> None:
    for name, room, service in processes():
        known = set(defaults(SETTINGS[room]))
        assert set(service["environment"]) <= known, name
        assert {"DATABASE_URL", "BUS_URL", "AUTH_ISSUER", "AUTH_JWKS"} <= set(
            service["environment"]
        ), name
    assert "REGISTRY_URL" in SERVICES["verifier-worker"]["environment"]


def test_a_service_s_settings_load_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, room, service in processes():
        with monkeypatch.context() as patched:
            for variable, value in service["environment"].items():
                patched.setenv(variable, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value)))
            cfg = SETTINGS[room]()
        assert cfg.http.port == 8080, name
        assert cfg.bus.is_kafka, name
        assert cfg.environment != "production", f"{name}: keys in files are refused in production"


def test_every_module_that_a_container_runs_is_there() -> None:
    modules = [service["command"][0] for name, service in SERVICES.items() if name in OURS]
    modules += [
        *re.findall(r"python\", \"-m\", \"([\w.]+)", DOCKERFILE),
        SERVICES["operator"]["entrypoint"][-1],
    ]
    modules += [
        service["healthcheck"]["test"][3] for name, service in SERVICES.items() if name in OURS
    ]
    for module in set(modules):
        assert importlib.util.find_spec(module), module


def test_health_checks_ask_the_port_the_process_listens_on_and_a_path_it_has() -> None:
    for name, service in SERVICES.items():
        if name not in OURS:
            continue
        asked = [
            re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.+)", part)
            for part in service["healthcheck"]["test"]
        ]
        for found in filter(None, asked):
            port, path = found.groups()
            assert port == listens_on(name, service), name
            room = name.partition("-")[0]
            assert path == ("/mail/messages" if name == "mail" else f"/{room}/readyz"), name
        assert any(asked) or name == "gateway"


def listens_on(name: str, service: dict[str, Any]) -> str:
    if name == "mail":
        return str(mail.HTTP_PORT)
    if name == "auditor":
        return str(service["command"][-1])
    given = [
        str(word).removeprefix("--port=")
        for word in service["command"]
        if str(word).startswith("--port=")
    ]
    return given[0] if given else str(service["environment"]["HTTP_PORT"])


def test_the_gateway_and_the_services_address_parts_by_name() -> None:
    parts = next(word for word in SERVICES["gateway"]["command"] if word.startswith("--parts="))
    calls = [("gateway", target) for target in json.loads(parts.removeprefix("--parts=")).values()]
    calls += [
        (name, str(url))
        for name, _, service in processes()
        for url in service["environment"].values()
    ]
    calls += [
        ("prometheus", f"http://{host}:{one['port']}")
        for job in scrapes()
        for one in job["dns_sd_configs"]
        for host in one["names"]
    ]
    for caller, url in calls:
        found = re.search(r"(?:http|kafka|smtp|postgresql)://(?:\w+@)?([a-z-]+):(\d+)", url)
        if found is None:
            continue
        host, port = found.groups()
        listening = {"kafka": "9092", "postgres": "5432"}.get(host) or listens_on(
            host, SERVICES[host]
        )
        assert port in {listening, str(mail.SMTP_PORT) if host == "mail" else listening}, (
            caller,
            url,
        )
        # a signer's worker sends no mail, so it is told of the server and does not reach it
        if (caller, host) != ("signer-worker", "mail"):
            assert set(SERVICES[caller]["networks"]) & set(SERVICES[host]["networks"]), (
                caller,
                url,
            )


def scrapes() -> list[dict[str, Any]]:
    return list(
        yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    )


def test_prometheus_finds_every_process_of_every_service_at_its_own_path() -> None:
    names = {
        host: job.get("metrics_path", "/metrics")
        for job in scrapes()
        for one in job["dns_sd_configs"]
        for host in one["names"]
    }
    expected = {name: f"/{room}/metrics" for name, room, _ in processes()}
    assert names == {**expected, "auditor": "/metrics"}


def test_only_the_verifier_is_on_the_registry_s_network_and_only_the_signer_at_the_keys() -> None:
    on_registry = {
        name for name, service in SERVICES.items() if "registry" in service.get("networks", [])
    }
    assert on_registry == {"registry", "verifier-api", "verifier-worker"}
    assert SERVICES["registry"]["networks"] == ["registry"]
    at_keys = {
        name
        for name, service in SERVICES.items()
        if any(str(one).startswith("keys:") for one in service.get("volumes", []))
    }
    assert at_keys == {"signer-api", "signer-worker"}
    assert COMPOSE["networks"]["registry"]["internal"]


def test_only_the_gateway_and_grafana_have_a_port_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {
        "gateway",
        "grafana",
    }


def test_a_container_of_ours_has_no_rights_and_no_root_to_write_to() -> None:
    for name in (*OURS, "operator", "auditor"):
        service = SERVICES[name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def test_secrets_are_files_that_the_script_makes_and_a_service_is_given_its_own_only() -> None:
    declared = COMPOSE["secrets"]
    assert set(declared) == set(secret_files.MOUNTED)
    for name, secret in declared.items():
        assert secret["file"] == f"${{HOCHIEU_SECRETS:-./secrets}}/{name}"
    for name, service in SERVICES.items():
        given = set(service.get("secrets", []))
        used = {
            str(value).removeprefix("/run/secrets/")
            for value in service.get("environment", {}).values()
            if str(value).startswith("/run/secrets/")
        }
        assert used <= given <= set(declared), name
        room = name.partition("-")[0]
        if room in SETTINGS:
            assert {one.partition(".")[0] for one in given} <= {
                room,
                "jwks",
                "writers",
                *(["registry"] if room == "verifier" else []),
            }, name


def in_production(name: str) -> dict[str, Any]:
    """One service as compose merges the two files: mappings by key, lists one after the other."""
    base, over = SERVICES.get(name, {}), PRODUCTION["services"].get(name, {})
    merged = {
        **base,
        **over,
        "environment": {**base.get("environment", {}), **over.get("environment", {})},
    }
    for key in ("networks", "secrets", "volumes"):
        merged[key] = [*base.get(key, []), *over.get(key, [])]
    return merged


def test_in_production_each_service_s_settings_load_and_name_the_real_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {
        "HOCHIEU_KEYS_MODULE": "/opt/pkcs11/libhsm.so",
        "HOCHIEU_REGISTRY_URL": "https://registry.example",
    }
    given |= {
        "HOCHIEU_MAIL_URL": "smtps://mail.example",
        "HOCHIEU_MAIL_USER": "hochieu",
        "HOCHIEU_MAIL_SENDER": "a@example.vn",
    }
    read: dict[str, ServiceSettings] = {}
    for name, room, _ in processes():
        environment = in_production(name)["environment"]
        assert set(environment) <= set(defaults(SETTINGS[room])), name
        with monkeypatch.context() as patched:
            for variable, value in environment.items():
                patched.setenv(
                    variable,
                    re.sub(
                        r"\$\{(\w+):[-?](.*?)\}",
                        lambda found: given.get(found[1], found[2]),
                        str(value),
                    ),
                )
            read[name] = SETTINGS[room]()
        assert read[name].environment == "production", name
    for name in ("signer-api", "signer-worker"):
        signer = read[name]
        assert isinstance(signer, SignerSettings)
        assert (str(signer.keys.module), str(signer.keys.pin_file)) == (
            "/opt/pkcs11/libhsm.so",
            "/run/secrets/signer.pin",
        )
        assert signer.lookup.counters == "async+redis://counters:6379"
    for name in ("verifier-api", "verifier-worker"):
        verifier = read[name]
        assert isinstance(verifier, VerifierSettings)
        assert verifier.registry.url == "https://registry.example"
        assert (
            verifier.check.counters == verifier.guardian.counters == "async+redis://counters:6379"
        )
    for name in ("signer-api", "records-worker"):
        sender = read[name]
        assert isinstance(sender, SignerSettings | RecordsSettings)
        assert (sender.mail.user, str(sender.mail.password_file)) == (
            "hochieu",
            "/run/secrets/mail.password",
        )


def test_in_production_only_the_verifier_has_a_way_to_the_registry() -> None:
    networks = {**COMPOSE["networks"], **PRODUCTION["networks"]}
    ways_out = {
        name: {one for one in in_production(name)["networks"] if not networks[one].get("internal")}
        for name in {*SERVICES, "counters"}
    }
    assert {name: ways for name, ways in ways_out.items() if ways} == {
        "gateway": {"front"},
        "verifier-api": {"registry-outside"},
        "verifier-worker": {"registry-outside"},
        "signer-api": {"keys-outside", "mail"},
        "signer-worker": {"keys-outside"},
        "records-worker": {"mail"},
        "prometheus": {"outside"},
        "grafana": {"outside"},
        "mail": {"mail"},
    }
    assert {name for name in SERVICES if "signer.pin" in in_production(name)["secrets"]} == {
        "signer-api",
        "signer-worker",
    }
    for name in ("registry", "mail"):
        assert PRODUCTION["services"][name]["profiles"] == ["stand-ins"]


def test_in_production_what_is_named_is_declared_and_no_secret_is_a_value() -> None:
    declared = {**COMPOSE["secrets"], **PRODUCTION["secrets"]}
    networks = {**COMPOSE["networks"], **PRODUCTION["networks"]}
    assert set(PRODUCTION["services"]) - set(SERVICES) == {"counters", "bus-acls"}
    for name in PRODUCTION["services"]:
        service = in_production(name)
        assert set(service["networks"]) <= set(networks), name
        assert set(service["secrets"]) <= set(declared), name
        used = {
            str(value)
            for variable, value in service["environment"].items()
            if variable.endswith("_FILE")
        }
        assert {one.removeprefix("/run/secrets/") for one in used} <= set(service["secrets"]), name
        assert not {"MAIL_PASSWORD", "KEYS_PIN"} & set(service["environment"]), name


def test_in_production_kafka_is_the_broker_that_the_tests_have_tried_and_knows_its_users() -> None:
    told = in_production("kafka")["environment"]
    expected = broker_settings("/run/secrets/kafka.keystore", "/run/secrets/kafka.ca")
    for setting, value in expected.items():
        variable = "KAFKA_" + setting.upper().replace(".", "_")
        assert told[variable].replace("$$", "$") == value, variable
    listeners = told["KAFKA_LISTENERS"] + told["KAFKA_ADVERTISED_LISTENERS"]
    assert set(re.findall(r"([A-Z]+)://", listeners)) == {"SERVICES", "CONTROLLER"}
    for name, room in [*((name, room) for name, room, _ in processes()), ("operator", "operator")]:
        service = in_production(name)
        assert service["environment"]["BUS_TLS"] == "true", name
        assert service["environment"]["BUS_CERT_FILE"] == f"/run/secrets/{room}.bus", name
        given = {secret for secret in service["secrets"] if secret.endswith((".bus", ".keystore"))}
        assert given == {f"{room}.bus"}, name


def test_no_secret_stands_in_the_environment() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|SEAL", variable):
                assert str(value).startswith("/run/secrets/"), (name, variable)
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value)), (name, variable)


def test_every_path_mounted_from_the_repository_exists_and_every_volume_is_declared() -> None:
    for name, service in SERVICES.items():
        for mounted in service.get("volumes", []):
            source = mounted.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), (name, source)
            else:
                assert source in COMPOSE["volumes"], (name, source)
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name


def test_every_image_is_pinned_and_comes_from_one_registry() -> None:
    base = [
        *re.findall(r"^ARG BASE=(.+)$", DOCKERFILE, re.MULTILINE),
        PRODUCTION["services"]["counters"]["image"],
    ]
    others = [
        service["image"]
        for service in SERVICES.values()
        if not service["image"].startswith("${HOCHIEU_IMAGE")
    ]
    for image in [*base, *others]:
        assert re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:v?\d+\.\d+(\.\d+)?(-[a-z-]+)?", image), image
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]


def test_everything_the_image_is_made_of_is_let_through_to_the_build() -> None:
    let_through = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert {
        "contracts",
        "deploy",
        "services",
        "vietnamese",
        "pyproject.toml",
        "requirements.lock",
    } <= let_through
    for name in let_through:
        assert (ROOT / name).exists(), name


def test_alerts_are_sent_to_whom_a_file_names_that_prometheus_is_given() -> None:
    prometheus = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    (manager,) = prometheus["alerting"]["alertmanagers"]
    files = [file for one in manager["file_sd_configs"] for file in one["files"]]
    assert files == ["/etc/prometheus/alertmanagers.yml"]
    assert "./prometheus:/etc/prometheus:ro" in SERVICES["prometheus"]["volumes"]
    assert yaml.safe_load((DEPLOY / "prometheus/alertmanagers.yml").read_text()) == []


def test_kubernetes_gives_processes_the_same_variables_and_probes() -> None:
    deployments = [one for one in MANIFESTS if one["kind"] == "Deployment"]
    names = {one["metadata"]["name"] for one in deployments}
    assert names == {*(name for name, _, _ in processes()), "auditor"}
    for one in deployments:
        name = one["metadata"]["name"]
        room = name.partition("-")[0]
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        if name == "auditor":
            given = {variable["name"] for variable in container["env"]}
            assert given == set(SERVICES["auditor"]["environment"])
            entry, port = SERVICES["auditor"]["entrypoint"][-1], SERVICES["auditor"]["command"]
            assert container["args"] == [entry, *port]
            continue
        assert container["args"] == SERVICES[name]["command"]
        assert {variable["name"] for variable in container.get("env", [])} <= set(
            defaults(SETTINGS[room])
        ), name
        assert container["readinessProbe"]["httpGet"] == {"path": f"/{room}/readyz", "port": 8080}
        assert container["livenessProbe"]["httpGet"] == {"path": f"/{room}/healthz", "port": 8080}
        assert container["securityContext"]["readOnlyRootFilesystem"]
    shared = next(one for one in MANIFESTS if one["kind"] == "ConfigMap")
    assert set(shared["data"]) <= set(defaults(ServiceSettings))


def test_made_secrets_are_kept_as_they_are_and_only_their_owner_reaches_them(
    tmp_path: Path,
) -> None:
    folder = secret_files.provide(Home(tmp_path))
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert set(secret_files.MOUNTED) <= set(first)
    secret_files.provide(Home(tmp_path))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
