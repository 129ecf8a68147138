"""django-q2's side of the house: tickets for its workers, their leases, and the supervisor that owns them."""
