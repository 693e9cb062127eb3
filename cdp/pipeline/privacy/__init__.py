"""What an erasure needs beside its work: where values can lie, the certificate, the journal beside the backups."""
