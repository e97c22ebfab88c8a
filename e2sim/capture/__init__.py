"""Recorded packets of E2: files of several forms in, messages as JSON out, and back.

form      which form a file has
hextext   packets as hexadecimal text, a line each
pcap      frames of capture files, classic and pcapng
frame     the SCTP packet in a frame
sctp      the messages in SCTP packets
packet    a packet and where it was found; all forms behind one function
document  packets as JSON documents, with the service models that set-up messages tell
"""
