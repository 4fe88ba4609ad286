"""The server side: order, judgement, storage and delivery of commits for many organisations."""
