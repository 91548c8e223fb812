"""Reads an iCalendar file with PyPI's icalendar and prints what it says as JSON.

Usage: calendar_event.py FILE; fails where the library finds anything wrong with it.
"""

import datetime
import json
import sys

from icalendar import Calendar

calendar = Calendar.from_ical(open(sys.argv[1], "rb").read())
events = calendar.walk("VEVENT")
event = events[0]
errors = [error for component in calendar.walk() for error in component.errors]
if errors or not calendar["PRODID"] or calendar["VERSION"] != "2.0":
    sys.exit(f"not as RFC 5545 has it: {errors}")
start = event.decoded("DTSTART")
stamp = event.decoded("DTSTAMP")
if isinstance(start, datetime.datetime) or stamp.utcoffset() != datetime.timedelta(0):
    sys.exit("an all-day event and a stamp in UTC are wanted")
(alarm,) = event.walk("VALARM")
json.dump(
    {
        "events": len(events),
        "uid": str(event["UID"]),
        "start": start.isoformat(),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "alarm_days": alarm.decoded("TRIGGER").days,
    },
    sys.stdout,
)
