"""Which of the media ports (`CC_MEDIA_PORTS`, first and last) are whose. PURE."""

GATEWAYS_SHARE = 5  # one fifth, the last ones, is the gateway's; the others are for cells


def cells(ports: tuple[int, ...]) -> tuple[int, int]:
    return ports[0], gateway(ports)[0] - 1


def gateway(ports: tuple[int, ...]) -> tuple[int, int]:
    low, high = ports
    return high - (high - low) // GATEWAYS_SHARE, high
