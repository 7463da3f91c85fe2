"""What is doubtful in the content of a project: small pure rules, from records to findings."""
