import pytest

from broker.domain.webhooks.allowed_hosts import SPECIAL, is_allowed, is_listed

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize("host", ["ci.example.org", PUBLIC])
def test_without_a_list_every_host_is_listed(host):
    assert is_listed(host, [])


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("ci.example.org", "ci.example.org"),
        ("CI.example.org", "ci.Example.org"),
        ("ci.example.org", "*.example.org"),
        ("ci.example.org", r"/^ci\d*\.example\.org$/"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("fd00::1", "fd00::/8"),
    ],
)
def test_an_entry_is_a_name_a_pattern_or_a_network(host, entry):
    assert is_listed(host, ["other.example.org", entry])


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("ci.example.org", "example.org"),
        ("a.ci.example.org", "*.example.org"),
        ("example.org", "*.example.org"),
        ("ci.example.org.evil.com", r"/^ci\.example\.org$/"),
        ("11.1.2.3", "10.0.0.0/8"),
        ("ci.example.org", "10.0.0.0/8"),
    ],
)
def test_what_no_entry_matches_is_not_listed(host, entry):
    assert not is_listed(host, [entry])


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_allowed(address):
    assert is_allowed(address, "ci.example.org", [])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - refused
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "no address",
    ],
)
def test_addresses_that_only_we_can_reach_are_not(address):
    assert not is_allowed(address, "ci.example.org", [])


@pytest.mark.parametrize("network", SPECIAL, ids=str)
@pytest.mark.parametrize("place", ["first", "last"])
def test_no_address_of_a_special_network_is_opened_by_a_name(network, place):
    address = str(network[0 if place == "first" else -1])

    assert not is_allowed(address, "ci.example.org", [])
    assert not is_allowed(address, "ci.example.org", ["ci.example.org"])
    assert is_allowed(address, "ci.example.org", [str(network)])


@pytest.mark.parametrize(
    "wrapped",
    [
        "::ffff:{}",
        "::ffff:0:{}",
        "64:ff9b::{}",
        "64:ff9b:1::{}",
        "::{}",
    ],
)
@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "168.63.129.16"])
def test_an_address_within_another_is_seen(wrapped, address):
    assert not is_allowed(wrapped.format(address), "ci.example.org", [])


@pytest.mark.parametrize(
    "address",
    [
        "2002:0a00:0001::",  # 6to4 of 10.0.0.1
        "2002:a9fe:a9fe::1",
        "2001:0:0a00:0001:0:0:a247:28dd",  # Teredo by the server 10.0.0.1
        "2001:0:5db8:d822:0:0:f5ff:fffe",  # Teredo of the client 10.0.0.1, whose bits are inverted
        "100.100.100.200",
        "fd00:ec2::254",
        "fd20:ce::254",
        "192.0.0.192",
        "2600::5efe:10.0.0.1",  # ISATAP
        "2600::200:5efe:169.254.169.254",
        "100:0:0:1::1",
        "1fff::1",
        "4000::1",
        "::ffff:0:0:10.0.0.1",
    ],
)
def test_addresses_of_tunnels_and_clouds_are_not_allowed(address):
    assert not is_allowed(address, "ci.example.org", [])


@pytest.mark.parametrize(
    "address", ["fd00:42::42", "fd00:a9fe:a9fe::1", "fe80::5efe:10.0.0.1", "fe80::a9fe:a9fe"]
)
def test_no_name_opens_the_metadata_of_a_cloud_within_a_private_network(address):
    assert not is_allowed(address, "ci.example.org", ["ci.example.org"])


@pytest.mark.parametrize(
    "address", ["64:ff9b::5db8:d822", "2002:5db8:d822::1", "::ffff:93.184.216.34", "2600::5efe:93.184.216.34"]
)
def test_a_public_address_within_another_is_allowed(address):
    assert is_allowed(address, "ci.example.org", [])


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "fd00::1"])
def test_a_listed_name_may_be_in_a_private_network(address):
    assert is_allowed(address, "ci.example.org", ["*.example.org"])
    assert not is_allowed(address, "ci.example.org", ["*.example.com"])


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_listed_name_may_not_be_this_machine_or_its_cloud(address):
    assert not is_allowed(address, "ci.example.org", ["ci.example.org", "/.*/"])


def test_a_listed_network_allows_any_address_in_it():
    assert is_allowed("127.0.0.1", "localhost", ["localhost", "127.0.0.0/8"])
    assert not is_allowed("::1", "localhost", ["localhost", "127.0.0.0/8"])
