"""SDP as browsers send it: recorded from Chromium and Firefox, shortened."""

FINGERPRINT = ":".join(["AB"] * 32)

CHROMIUM = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 54321 UDP/TLS/RTP/SAVPF 8 0 126
c=IN IP4 192.168.1.5
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1467250027 1 udp 2122260223 192.168.1.5 54321 typ host generation 0 network-id 1
a=candidate:1467250028 1 udp 2122260222 0f3c2b1a-aaaa-bbbb-cccc-0123456789ab.local 54322 typ host generation 0
a=candidate:1467250029 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active generation 0
a=candidate:1467250030 1 udp 2122262783 2001:db8::1 54323 typ host generation 0
a=ice-ufrag:Yv9h
a=ice-pwd:UwQm0bYw5j9Yz1pZk0pXr8t1
a=ice-options:trickle
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:126 telephone-event/8000
""".replace("\n", "\r\n")

FIREFOX = f"""v=0
o=mozilla...THIS_IS_SDPARTA-99.0 1234 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:sha-256 {FINGERPRINT}
a=group:BUNDLE 0
a=ice-options:trickle
m=audio 50001 UDP/TLS/RTP/SAVPF 0 8 101
c=IN IP4 10.0.0.7
a=candidate:0 1 UDP 2122252543 10.0.0.7 50001 typ host
a=sendrecv
a=fmtp:101 0-15
a=ice-pwd:a7d0f4e1c2b3a4958677665544332211
a=ice-ufrag:12345678
a=mid:0
a=rtcp-mux
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000/1
a=rtpmap:101 telephone-event/8000
a=setup:actpass
""".replace("\n", "\r\n")

CELL = """v=0
o=- 3900000000 3900000000 IN IP4 127.0.0.1
s=pjmedia
t=0 0
m=audio 20010 RTP/AVP 8 120
c=IN IP4 127.0.0.1
a=rtcp:20011 IN IP4 127.0.0.1
a=sendrecv
a=rtpmap:8 PCMA/8000
a=rtpmap:120 telephone-event/8000
a=fmtp:120 0-16
""".replace("\n", "\r\n")
