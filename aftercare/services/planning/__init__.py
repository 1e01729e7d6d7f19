"""What the coming two weeks will take: contacts, people, parts, money."""
