echo '$ curl -si /'
curl -si "$site/"
echo '$ two overlapping requests: /slow?d=0.5 started first, /fast?d=0.1 second (order of arrival)'
{
  curl -s "$site/slow?d=0.5" &
  curl -s "$site/fast?d=0.1"
  wait $!
}
