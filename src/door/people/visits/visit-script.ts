/**
 * What a page of the user's own site includes. It does nothing but for somebody who came by a
 * counted link: then it keeps the token for this tab, takes it out of the address, and tells the
 * path of each page that is looked at. Neither cookies nor anything else of the page is read.
 */
export const visitScript = `(()=>{try{
let l=location,s=sessionStorage,d=document,k="dripline",last,
v=d.currentScript.src.replace(/\\.js.*/,""),
m=/([#?&])dl=([\\w-]{30,80})(&|$)/.exec(l.hash)||/([#?&])dl=([\\w-]{30,80})(&|$)/.exec(l.search);
if(m){s.setItem(k,m[2]);history.replaceState(history.state,"",l.href.replace(m[0],m[3]?m[1]:""))}
let tell=()=>{let t=s.getItem(k),p=l.pathname;
if(!t||p==last||d.hidden||d.prerendering)return;last=p;
fetch(v,{method:"POST",body:t+" "+p,credentials:"omit",keepalive:true,referrerPolicy:"origin"})
.catch(()=>{})},push=history.pushState;
history.pushState=function(){push.apply(this,arguments);tell()};
addEventListener("popstate",tell);
d.addEventListener("visibilitychange",tell);
d.addEventListener("prerenderingchange",tell);
tell()}catch(e){}})()
`;
