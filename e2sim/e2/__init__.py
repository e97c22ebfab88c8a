"""The emulated node's E2 end: what it offers a RIC, what it measures, what it lets itself be told.

identity     who the node is: one gNB-DU a cell
offer        the RAN functions that it offers
period       what one cell measured in one period of the twin
merging      how the values of several periods become the value of one
column       which value a measurement and its label mean
condition    which users a subscription is about
refusal      what the RIC asks for and does not get
subscription which subscriptions are served, and why others are not
reporter     an action that is served: periods in, indications out
service      the subscriptions of one node, and what is due for them
control      what a RIC Control changes, and why it cannot
f1ap         the set-up messages that a gNB-DU hands on
agent        the node's answers, without sockets: events in, messages out
fault        what happens to packets on a bad wire, drawn from a seed
wire         such a wire in asyncio
session      one association: the agent over it, with a delay of answers
site         the twin's cells behind the nodes
fleet        all cells: the twin in real time, an association a cell
tally        what happened, in numbers; `summary` tells it
options      what the command line may say
"""
