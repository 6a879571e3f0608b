"""All faults: each replaces a small part of the correct server. Each module enters its own in the table."""

import access_faults
import body_faults
import error_faults
import fault
import id_faults
import response_faults

FAULTS = dict(sorted(fault.FAULTS.items()))
