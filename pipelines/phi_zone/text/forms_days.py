# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Days of English notes without a year: behind a weekday, before a time, behind what is booked or taken out, the two ends of a stay."""
from __future__ import annotations

from pipelines.phi_zone.text import written_dates as written

MON = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_MONTH, _DAY = written.MONTH, written.DAY
_TELLING = rf"(?:(?:3[01]|2\d|1[3-9])/{_MONTH}|{_MONTH}/(?:3[01]|2\d|1[3-9]))"
"""A day above twelve tells the month: a fraction or a count of days has no such sides."""
NO_PART = r"(?![\d/%A-Z]|\.\d|-\d|\s?(?:lymph|nodes?|lns?|sites?|cores?|fragments?|samples?|teeth|points?|pos(?:itive)?|involved|of|correct|stitches|items?|beds|doses|cups)\b)"
_STRONG = "vaccinated|immunised|booked|scheduled|rescheduled|rebooked|dated|due|collected|admitted|readmitted|discharged|listed|planned|postponed(?:\\sto)?|expires?|expiry|dob|reported|posted|received|appointment|appt|clinic|follow-?up|f/u|review(?:ed)?|theatre|surgery|delivered|born|edd|lmp|booking"
_WEAK = ("out|done|taken|removed|sent|repeat(?:ed)?|rpt|resited|re-?sited|inserted|sited|changed|started|commenced|stopped|finished|completed|given|restarted|next|last|echo|scan|bloods|cultures?|swabs?|biopsy|x-?ray|cxr|axr|uss|us|mri|ct|mra|pet|eeg|ecg|ekg|op|home|stented|cannula|line|catheter|picc|clips|sutures|staples|stent|drain|dressing|"
         "transfused|vaccin(?:e|ated)|immunised|jab|dose|cycle|session|visit|call(?:ed)?|seen|from|to|until|till|by|before|after|since|between|and|through|fell|fall|onset|injury|injured|operated|cath|angio|colonoscopy|ogd|scope|gastroscopy|endoscopy|mammogram|dexa|holter|swab|pcr|consented|weaned|extubated|intubated")
"""Behind these a score or a count of days may stand, too: only a day above twelve before its month counts."""
_EVENTS = "recheck|re-check|retest|redraw|redo|repeat|rpt|out|removed|placed|inserted|booked|echo|scan|mri|ct|cxr|uss|biopsy|cath|angio|colonoscopy|egd|ogd|op|surgery|extubated|intubated|transfused|restarted|started|stopped"
"""Behind these also a month before a day above twelve, as Americans write it."""


DAY_FORMS: tuple[written.DateForm, ...] = (
    written.bare("days.weekday", "digit slash weekday", rf"(?<![A-Z])(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s(?:the\s)?(?P<at>{_DAY}/{_MONTH}|{_MONTH}/{_DAY}){NO_PART}"),
    written.bare("days.before_time", "digit slash bare_slash", rf"(?<=\s)(?P<at>{_TELLING})(?=\s(?:at\s|@\s?)?(?:[01]?\d|2[0-3]):[0-5]\d|\s(?:at\s|@\s?)?(?:[01]\d|2[0-3])[0-5]\d(?:h|hrs)?(?![\d.]))"),
    written.bare("days.booked", "digit slash bare_slash", rf"(?<![A-Z])(?:{_STRONG})(?:\son|\sfor|:)?\s(?P<at>{_DAY}/{_MONTH}|{_MONTH}/{_DAY}){NO_PART}(?!\s?(?:ago|later))"),
    written.bare("days.out", "digit slash bare_slash", rf"(?<![A-Z])(?:{_WEAK})\s(?P<at>(?:3[01]|2\d|1[3-9])/(?:1[01]|0?[1-689])){NO_PART}"),
    written.bare("days.out_us", "digit slash bare_slash", rf"(?<![A-Z])(?:{_EVENTS})\s(?P<at>(?!6/(?:18|24)){_MONTH}/(?:3[01]|2\d|1[3-9])){NO_PART}"),
    written.bare("days.first_of_two", "digit month_name", rf"(?<![\d.,/\-A-Z])(?P<at>{_DAY}(?:st|nd|rd|th)?)\s?(?:-|to|and|&|/|through|until)\s?(?={_DAY}(?:st|nd|rd|th)?\s(?:of\s)?{MON}(?![A-Z])(?:(?-i:(?<!may))|(?=\s?[,.;)]|\s?$|\s(?:at|and|for|to|or|with)\b)))"),
    written.bare("days.of_a_row", "digit month_name", rf"(?<![\d.,/\-A-Z])(?P<at>{_DAY}(?:st|nd|rd|th)?),\s(?=(?:{_DAY}(?:st|nd|rd|th)?,\s){{0,4}}{_DAY}(?:st|nd|rd|th)?,?\s(?:and|&)\s{_DAY}(?:st|nd|rd|th)?\s(?:of\s)?{MON}(?![A-Z]))"),
    written.bare("days.ordinal", "digit ordinal", rf"(?<![A-Z])(?:on|by|until|till|from|since|before|after|for)\sthe\s(?P<at>{_DAY}(?:st|nd|rd|th))(?=\s?[.,;)](?!\d)|\s?$|\s(?:at\s\d|of\s(?:this|last|next)\smonth|and\sthe\s{_DAY}(?:st|nd|rd|th)(?![A-Z])))"),
    written.bare("days.yesterday", "digit slash", rf"(?<![A-Z])(?:yesterday\s?[(,]?|(?:today|tomorrow|tonight|(?:last|this|next)\s(?:night|morning|evening|(?:mon|tues?|wednes|thurs|fri|satur|sun)day))\s?[(,])\s?(?!\d/(?:5|10)(?!\d))(?P<at>{_DAY}/{_MONTH}|{_MONTH}/{_DAY}){NO_PART}"),
    written.bare("days.week_of", "digit slash", rf"(?<![A-Z])(?:(?:wk|week|w)\s(?:of|commencing|beginning|ending|starting)|day\s[01]\s?=|d[01]\s?=)\s?(?P<at>{_DAY}/{_MONTH}|{_MONTH}/{_DAY}){NO_PART}"),
    written.bare("days.moved_to", "digit moved_word", r"(?<![A-Z])(?:moved|postponed|rescheduled|forward|rebooked)\s(?:to|for)\s(?P<at>(?:3[01]|[12]\d|0?[1-9])\.(?:1[0-2]|0?[1-9]))(?![\d%A-Z]|\.\d|\s?(?:m[lg]|mm|cm|kg|units))"),
    written.bare("days.of_the_month", "digit ordinal", rf"(?<![\dA-Z]){_DAY}(?:st|nd|rd|th)\s(?:ult|inst|prox)(?![A-Z])"),
    written.bare("days.last_of_two", "digit month_name month", rf"(?<![A-Z]){MON}\.?\s{_DAY}(?:st|nd|rd|th)?(?P<at>\s?(?:-|to|through|until)\s?{_DAY}(?:st|nd|rd|th)?)(?![\d:/.A-Z]|\s?(?:m[lgm]|cm|kg|times|days?|weeks?|hours?|months?|years?|am|pm|%))"),
)
