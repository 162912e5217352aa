# Five or six times in the second that the program takes, or less under load.
$0 == "cron" && said++ { next }
{ print }
