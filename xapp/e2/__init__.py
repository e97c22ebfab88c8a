"""The E2 terminator: E2 nodes that report by E2SM-KPM and are controlled by E2SM-RC and E2SM-SPC.

Pure:

offer        what a node can measure and lets itself be told, from its RAN functions
left         slices of a node that are left alone, and why
columns      which values of an indication are which measurements of a report
users        reports of nodes that measure each UE alone
request      the subscription that asks for them
stamp        what the time stamp of an indication means
backlog      which reports to pass over when too many come
reading      indications to reports
watchdog     when to subscribe, and when to delete and subscribe anew
encoding     allocations as the octets of control messages
channel      one control at a time to a cell, the newest wins
effect       whether what was acknowledged shows in later reports
cell         a served cell: what of the above belongs to it
subscriptions, control   all cells' of one node
answers      what the RIC answers to what a node asks
session      all of it for one node: events in, messages out

With clocks, sockets and counters:

metrics      what is counted
settings     what an operator can set
terminator   the server, one task a node
exposition, view   what is told of the nodes
"""
