"""What all parts speak: plain values, trouble, the database, access. Imports no part, holds no rule of one."""
