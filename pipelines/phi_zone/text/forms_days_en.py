# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""More days of English notes: behind what is checked, dispensed and asked for, before a blood pressure, ranges and rows, Roman months, feasts.

A side above twelve, or a first side above the second, is no part of a whole: 11/9 and 8/21 are days where 5/10 may be a score.
"""
from __future__ import annotations

from pipelines.phi_zone.text import written_dates as written
from pipelines.phi_zone.text.forms_days import MON, NO_PART

_MONTH, _DAY = written.MONTH, written.DAY
_DM = rf"(?:{_DAY}/{_MONTH}|{_MONTH}/{_DAY})"
_ORD = rf"{_DAY}(?:st|nd|rd|th)"
_HIGH = r"(?:3[01]|2\d|1[3-9])"
_FALLING = r"(?:12/(?:1[01]|0?[1-9])|11/(?:10|0?[1-9])|10/0?[1-9]|0?9/0?[1-8]|0?8/0?[1-7]|0?7/0?[1-6]|0?6/0?[1-3]|0?5/0?[1-4]|0?4/0?[1-3]|0?3/0?[12])"
"""Without 6/5 and 6/4, which are sights, and 2/1, which is a ratio."""
_SURE = rf"(?:{_HIGH}/{_MONTH}|(?!6/(?:18|24)){_MONTH}/{_HIGH}|{_FALLING})"
_SEP = r"(?:,\s|,?\s(?:&|and|or)\s)"
_ROW = rf"{_DM}(?:{_SEP}{_DM}){{0,8}}"
_HIGH_DAY = rf"(?:{_HIGH}/(?:1[01]|0?[1-689])|(?:1[3-79]|2[0-35-9]|3[01])/12)"
"""A day above twelve before its month; 14/7 and 18/12 are fourteen days and eighteen months."""
_END = rf"{NO_PART}(?!\s?(?:ago|later|tabs?|tablets?|caps?|capsules?|dose|pints?|bottles?|days?|weeks?|months?|hours?|hourly|power|strength|murmur|systolic|fractions?|course|supply|post|pain|joints|visits|sessions|criteria)\b)"
_TO = r"\s?(?:-|to|until|till|through|thru)\s?"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes|s)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_NOT_MAY = r"(?:(?-i:(?<!may))|(?=\s?[,.;)]|\s?$|\s(?:at|and|for|to|or|with)\b))"
_CHECKED = ("(?:bp|cast|device|dressing|growth|line|pacemaker|pacing|pin|plaster|splint|suture|weight|wound)\\s(?:checks?|checked|changed?|clinic|removal|r/v)|out\\sof\\s(?:boot|brace|cast|plaster|pop|sling|splint|traction)|doa|dod|dov|w/c|w/e|wef|thru|valid\\s(?:till|to|until)|pencilled\\sin|slotted\\sin|on\\sleave|next\\sleave|home\\sleave|booked\\sin|rtw|edd\\sby\\s(?:dates|lmp|scan|uss)|(?:moved|postponed|pushed|rescheduled)\\s(?:back\\s|forward\\s|out\\s)?to|(?:departed|departs|flew|flying|landed|returned|returns|travell?ed)|(?:certificate|email|fax|form|letter|message|note|prescription|referral|report|request|result|script)\\s(?:dd|from|of)|rtc|rto|return(?:ing|s)?(?:\\sto\\sclinic)?|f/u\\s(?:appt|clinic|ct|cxr|echo|mri|scan|uss|visit)|(?:can't|cannot|unable\\sto|won't)\\s(?:come|do|make|manage)|"
            "(?:can|could|may|shall)\\s(?:he|i|she|they|we|you)\\s(?:book|come|do|get|have|make|manage)")
_LAST = "(?:last|next|prev(?:ious)?|prior)\\s(?:a1c|appt|attack|bloods|bm|booster|check|chemo|clinic|colonoscopy|ct|cxr|depot|dialysis|dose|draw|drink|echo|fill|fit|flare|hba1c|hd|infusion|inj(?:ection)?|jab|labs?|mammo(?:gram)?|menses|mri|pap|period|refill|review|scan|seen|seizure|session|shot|smear|transfusion|treatment|use|visit)"
_GIVEN = f"{_LAST}|fill(?:ed)?|refill(?:ed)?|dispensed|picked\\sup|pick-?up|supplied|dna(?:'?d)?|missed|cancelled|no-?show|starting|effective|eff|as\\sof|adm|d/c(?:'?d)?|dc'?d|presented|arrived|transferred|beginning|ending|resumed|held|offered|slot|swapped\\s(?:to|with)|brought\\sforward\\sto"
_COURSE = "began|begun|completed|developed|diagnosed|dx'?d?|ed|er|finished|hospitali[sz]ed|icu|improved|noticed|onset|presented|resolved|snf|tested|treated|worse(?:ned)?"
_LABS = "a1c|bili|creat(?:inine)?|crp|d-?dimer|egfr|esr|ferritin|hba1c|hcg|hb|inr|lactate|lfts?|plts?|psa|troponin|trop|tsh|wbc|wcc"
_TESTS = "angio|biopsy|bloods|colonoscopy|ctpa|ct|cxr|dexa|ecg|echo|eeg|ekg|labs|mammogram|mri|mrcp|ogd|op|oct|pet|scan|smear|spirometry|swab|tte|toe|uss|us|x-?ray|xr"
_READINGS = "attacks|bloods|bms?|bps?|chart|clinics|dates|diary|episodes|fits|log|peak\\sflows?|readings?|recordings?|seizures|sugars|temps?|trend|weights"
_APOSTROPHE = "['’]?"
_SAINTS = f"(?:(?:st\\.?|saint)\\s(?:andrew|brigid|david|george|john|martin|nicholas|patrick|stephen|swithin|valentine)|paddy|patrick){_APOSTROPHE}s{_APOSTROPHE}\\s(?:day|eve|night)"
_FEAST_DAYS = (f"(?:all\\s(?:saints|souls){_APOSTROPHE}|anzac|armistice|australia|bastille|bonifacio|boxing|canada|christmas|columbus|father{_APOSTROPHE}s|groundhog|heritage|independence|indigenous\\speoples?{_APOSTROPHE}|jamhuri|madaraka|malaysia|mandela|martin\\sluther\\sking|mashujaa|memorial|merdeka|mlk|mother{_APOSTROPHE}s|new\\syear{_APOSTROPHE}s|"
               f"pancake|presidents?{_APOSTROPHE}s?|remembrance|republic|rizal|valentine{_APOSTROPHE}s|veterans?{_APOSTROPHE}s?|victoria|waitangi)\\sday|(?:christmas|new\\syear{_APOSTROPHE}s)\\seve")
_TOLD_FEASTS = (f"{_SAINTS}|{_FEAST_DAYS}|ash\\swednesday|bank\\sholiday\\smonday|(?:august|may|spring|summer)\\sbank\\sholiday|bonfire\\snight|burns\\snight|chinese\\snew\\syear|cinco\\sde\\smayo|deepavali|diwali|easter\\s(?:friday|monday|saturday|sunday|weekend)|eid[\\s\\-](?:al|el|ul)[\\s\\-]?(?:adha|azha|fitr|fitri)|gandhi\\sjayanti|good\\sfriday|gudi\\spadwa|guru\\snanak\\sjayanti|guy\\sfawkes(?:\\snight)?|"
                f"hari\\sraya(?:\\s(?:aidilfitri|haji|puasa))?|hogmanay|holy\\s(?:saturday|thursday)|juneteenth|karva\\schauth|(?:king|queen){_APOSTROPHE}s\\sbirthday|laylat\\sal[\\s\\-]qadr|lunar\\snew\\syear|makar\\ssankranti|mardi\\sgras|maundy\\sthursday|melbourne\\scup\\sday|mothering\\ssunday|palm\\ssunday|rosh\\shashanah?|shrove\\stuesday|simchat\\storah|thanksgiving\\s(?:day|monday|thursday|weekend)|whit\\s(?:monday|sunday)|yom\\skippur")
_FEASTS = (f"{_TOLD_FEASTS}|ashura|bakrid|baisakhi|chanukah|chuseok|christmas(?!\\s(?:disease|factor|tree))|civic\\sholiday|durga\\spuja|dussehra|easter|eid|family\\sday|freedom\\sday|ganesh\\schaturthi|halloween|hanukkah|heroes{_APOSTROPHE}\\sday|holi|janmashtami|kwanzaa|labou?r\\sday|lohri|matariki|muharram|navratri|new\\syear|nowruz|onam|passover|pentecost|pesach|pongal|purim|qingming|"
           f"raksha\\sbandhan|ramadan|ramazan|reconciliation\\sday|shavuot|songkran|sukkot|thaipusam|thanksgiving|ugadi|vaisakhi|vesak|vijayadashami|wesak|whitsun|women{_APOSTROPHE}s\\sday|workers{_APOSTROPHE}\\sday|xmas|youth\\sday")
_YEAR = r"(?:,?\s(?:of\s)?(?:19|20)\d\d(?!\d))?"
_ROMAN = "(?:i[ivx]|i{1,3}|v|vi{1,3}|x|xi{1,2})"


DAY_FORMS_EN: tuple[written.DateForm, ...] = (
    written.bare("days_en.checked", "digit slash bare_slash recall_word", rf"(?<![A-Z])(?:{_CHECKED})(?:\sfor|\sfrom|\son|\sto|:)?\s(?P<at>{_ROW}){_END}"),
    written.bare("days_en.given", "digit slash bare_slash given_word", rf"(?<![A-Z])(?:{_GIVEN})(?:\sfor|\sfrom|\son|:)?\s(?P<at>{_SURE}){_END}"),
    written.bare("days_en.readings", "digit slash bare_slash reading_word", rf"(?<![A-Z])(?:{_READINGS}):?\s(?P<at>{_DM})(?=:?\s\d|,\s\d|:\s|\s(?:am|missed|pm|was)\b)"),
    written.bare("days_en.lab", "digit slash bare_slash lab_word", rf"(?<![A-Z])(?:{_LABS}):?\s(?P<at>{_DM})(?=\s\d{{2,}}|:\s\d)"),
    written.bare("days_en.bracketed", "digit slash bracketed test_word", rf"(?<![A-Z])(?:{_TESTS})\s\((?P<at>{_DM})(?=\)|[,;:]\s)"),
    written.bare("days_en.counted", "digit slash bare_slash counted_word", rf"(?<![A-Z])(?:booster|cycle|dose|jab|session|shot|vax|visit)\s\d\d?:\s(?P<at>{_DM}){_END}"),
    written.bare("days_en.spoken", "digit slash bare_slash spoken_word", rf"(?<![A-Z])(?:called|d/w|discussed\swith|met\swith|phoned|rang|reviewed\sby|seen\sby|spoke\s(?:to|with))\s(?:[A-Z]+\s){{1,2}}(?P<at>{_SURE}){_END}"),
    written.bare("days_en.weekend", "ordinal digit weekend_word", rf"(?<![A-Z])weekend\sof\s(?:the\s)?(?P<at>{_ORD}(?:\s?[/\-]\s?{_ORD})?)"),
    written.bare("days_en.joined", "digit slash two_slashes", rf"(?<![\d./\-A-Z])(?P<at>{_DAY}/(?P<m>0[1-9]|11|8|9)\s?-\s?{_DAY}/(?P=m)){_END}"),
    written.bare("days_en.course", "digit slash course_word", rf"(?<![A-Z])(?:{_COURSE})\s(?:on\s|around\s)?(?P<at>~?(?:{_HIGH_DAY}|(?!6/(?:18|24)){_MONTH}/{_HIGH})){_END}"),
    written.bare("days_en.last_of_any", "digit slash bare_slash last_word", rf"(?<![A-Z])(?:last|next)\s[A-Z][A-Z\-]+(?:\s[A-Z][A-Z\-]+)?\s(?P<at>{_HIGH_DAY}|{_FALLING}|(?!6/18){_MONTH}/(?:1[346-9]|2[1-35-79]|31)){_END}"),
    written.bare("days_en.status_post", "digit slash bare_slash status_post", rf"(?<![A-Z])s/p\s(?:[A-Z][A-Z\-]*\s){{1,4}}(?P<at>{_DM}){_END}"),
    written.bare("days_en.cued_row", "digit slash slashed_row row_word", rf"(?<![A-Z])(?:appointments|appts|clinics|dates|sessions|slots|visits)(?:\s(?:are|for|of|on|were))?:?\s(?P<at>{_DM}(?:{_SEP}{_DM}){{1,8}}){_END}"),
    written.bare("days_en.slashed_row", "digit slash slashed_row", rf"(?<![\d./\-A-Z])(?P<at>{_DM}(?:{_SEP}{_DM}){{0,6}}?{_SEP}{_HIGH_DAY}(?!\d)(?:{_SEP}{_DM}){{0,6}}|{_HIGH_DAY}(?:{_SEP}{_DM}){{1,8}}){_END}"),
    written.bare("days_en.entry", "digit slash entry", rf"(?:(?<![^\n])|(?<=[.,;]\s)(?!\d\d?/(?:5|10):))(?P<at>{_DM})(?=:\s[A-Z])"),
    written.bare("days_en.before_value", "digit slash valued", rf"(?<=\d,\s)(?P<at>{_DM})(?=\s\d{{2,3}}(?:\.\d+)?(?:[,;]|\.?(?:\s|$)))"),
    written.bare("days_en.before_pressure", "digit slash pressed", rf"(?<![\d./\-A-Z])(?P<at>{_DM})(?=(?::|\sat|\sBP)?\s[12]\d\d/\d\d)"),
    written.bare("days_en.missed", "digit slash bare_slash missed_word", rf"(?<=,\s)(?P<at>{_DM})(?=\s(?:declined|forgot(?:ten)?|missed|not\s(?:done|recorded|taken)|omitted|refused|skipped)\s?[,;.])"),
    written.bare("days_en.range", "digit slash ranged", rf"(?<![\d./\-A-Z])(?P<at>(?!(?:7-10|10-14|14-21|21-28)/7|(?:12-18|18-24)/12){_DAY}\s?-\s?(?:{_HIGH}/{_MONTH}|(?:12|0?[1-9]|1[01])/(?:0[1-9]|11|8|9)|(?:1[0-2]|[2-9])/1|(?:1[0-2]|[3-9])/2|(?:1[0-2]|[5-9])/3)){_END}"),
    written.bare("days_en.first_end", "digit slash two_slashes", rf"(?<![\d./\-A-Z])(?P<at>{_HIGH}/{_MONTH}|{_FALLING})(?={_TO}{_DM}{_END})"),
    written.bare("days_en.last_end", "digit slash two_slashes", rf"(?<![\d./\-A-Z])(?:{_HIGH}/{_MONTH}|{_FALLING}){_TO}(?P<at>{_DM}){_END}"),
    written.bare("days_en.to_high", "digit slash two_slashes", rf"(?<![\d./\-A-Z])(?P<at>{_DAY}/(?P<m>{_MONTH}))(?={_TO}(?!{_HIGH}/7){_HIGH}/(?P=m){_END})"),
    written.bare("days_en.high_end", "digit slash two_slashes", rf"(?<![\d./\-A-Z]){_DAY}/(?P<m>{_MONTH}){_TO}(?P<at>(?!{_HIGH}/7){_HIGH}/(?P=m)){_END}"),
    written.bare("days_en.from_named", "digit slash month_name month", rf"(?<![A-Z])(?:{MON}\.?\s{_DAY}(?:st|nd|rd|th)?|(?<!\d){_DAY}(?:st|nd|rd|th)?\s{MON}){_TO}(?P<at>{_DM}){_END}"),
    written.bare("days_en.row", "digit month_name month", rf"(?<![\d.,/\-A-Z])(?P<at>{_DAY}(?:st|nd|rd|th)?(?:,\s{_DAY}(?:st|nd|rd|th)?){{0,5}},?\s(?:&|and|or|to)\s{_DAY}(?:st|nd|rd|th)?\s(?:of\s)?{MON}(?![A-Z]){_NOT_MAY})(?!\.?,?\s(?:19|20)\d\d)"),
    written.bare("days_en.the_day_of", "digit ordinal month_name", rf"(?<![A-Z])(?P<at>the\s{_ORD}\s(?:day\s)?of\s{MON}(?![A-Z]))(?!,?\s(?:19|20)\d\d)"),
    written.bare("days_en.weekday_ordinal", "digit ordinal weekday", rf"(?<![A-Z]){_WEEKDAY}\.?,?\s(?:the\s)?(?P<at>{_ORD})(?![A-Z]|\s?(?:attempt|cycle|day|degree|digit|dose|finger|floor|from|in|line|metatarsal|next|of|row|session|stage|time|toe|visit)\b)"),
    written.bare("days_en.weekday_bare", "digit weekday", rf"(?<![A-Z]){_WEEKDAY}\.?,?\s(?:the\s)?(?P<at>{_DAY})(?=\s(?:at|@)\s\d|\s(?:&|and)\s{_WEEKDAY}\s{_DAY}(?![\d.:/A-Z]))"),
    written.bare("days_en.on_ordinal", "digit ordinal", rf"(?<![A-Z])(?:admitted|after|back|before|booked|by|discharged|due|from|home|listed|on|seen|since|till|until)\s(?:the\s)?(?P<at>{_ORD})(?=\s?[.;)](?!\d)|,\s(?!\d|and\b|or\b)|\s?$|\sat\s\d)"),
    written.bare("days_en.roman", "digit roman_word roman", rf"(?<![\d./\-])(?P<at>{_DAY}(?P<s>[./\-]){_ROMAN}(?P=s)(?:(?:19|20)\d\d|\d\d)|{_DAY}\s(?:i[ix]|iii|vi{{1,3}}|xi{{1,2}})\s(?:19|20)\d\d|{_DAY}\s(?-i:iii|ix|vii{{1,2}}|xi{{1,2}})\s\d\d)(?![\dA-Z]|\.\d)"),
    written.bare("days_en.feast", "feast_word", rf"(?<![A-Z])(?P<at>(?:{_TOLD_FEASTS})(?![A-Z]){_YEAR})"),
    written.bare("days_en.feast_cued", "feast_word", rf"(?<![A-Z])(?:after|around|at|before|by|erev|last|next|on|over|past|post|pre|since|this|till|until)[\s\-](?P<at>(?:{_FEASTS})(?![A-Z]){_YEAR})"),
    written.bare("days_en.day_of_feast", "feast_word", rf"(?<![A-Z])(?P<at>(?:the\s)?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)\s(?:day|night|week|{_WEEKDAY})\sof\s(?:{_FEASTS})(?![A-Z]){_YEAR}|the\s(?:day|morning|night|week|weekend)\s(?:after|before|of)\s(?:{_FEASTS})(?![A-Z]){_YEAR}|day\s\d\d?\sof\s(?:{_FEASTS})(?![A-Z]){_YEAR})"),
    written.bare("days_en.nth_day_of_feast", "digit ordinal feast_word", rf"(?<![A-Z\d])(?P<at>(?:the\s)?{_ORD}\s(?:day|night|week|{_WEEKDAY})\sof\s(?:{_FEASTS})(?![A-Z]){_YEAR})"),
)
