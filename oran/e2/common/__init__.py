"""Information elements that the service models share (O-RAN E2SM v3.00, module E2SM-COMMON-IEs)."""
