/** What browsers know: elements that run or load things, attributes that take addresses, and event handlers. */

/** Elements that no visitor's text needs, since they run, embed or redirect by being there. */
export const runningElements: ReadonlySet<string> = new Set(
  `script iframe frame frameset object embed applet base bgsound isindex layer ilayer listener handler xss portal fencedframe import
noembed noframes plaintext scriptlet vmlframe`.split(/\s+/),
);

/** Elements that are harmless by themselves and telling only where they close what the application has opened. */
export const closingElements: ReadonlySet<string> = new Set(
  'script style title textarea noscript xmp iframe template noembed noframes'.split(' '),
);

export const addressAttributes: ReadonlySet<string> = new Set(
  `href src action formaction data xlink:href background poster lowsrc dynsrc cite codebase classid manifest profile ping longdesc
usemap srcset content folder values from to by begin url value code archive icon implementation datasrc style x:href target
srcdoc expression`.split(/\s+/),
);

/** Event handlers, without their `on`. */
const events: ReadonlySet<string> = new Set(
  `abort activate afterprint afterscriptexecute afterupdate animationcancel animationend animationiteration animationstart appinstalled
auxclick beforeactivate beforecopy beforecut beforedeactivate beforeeditfocus beforeinput beforeinstallprompt beforematch
beforepaste beforeprint beforescriptexecute beforetoggle beforeunload beforeupdate begin blur bounce cancel canplay
canplaythrough cellchange change click close command contentvisibilityautostatechange contextmenu controlselect copy cuechange cut
dataavailable datasetchanged datasetcomplete dblclick deactivate devicelight devicemotion deviceorientation drag dragdrop dragend
dragenter dragexit dragleave dragover dragstart drop durationchange emptied end ended error errorupdate filterchange finish focus
focusin focusout formdata fullscreenchange fullscreenerror gamepadconnected gesturechange gestureend gesturestart
gotpointercapture hashchange help input invalid keydown keypress keyup languagechange layoutcomplete load loadeddata
loadedmetadata loadend loadstart location losecapture lostpointercapture mediacomplete mediaerror message messageerror
mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel move moveend movestart mozfullscreenchange
offline online orientationchange outofsync pagehide pageshow paste pause play playing pointercancel pointerdown pointerenter
pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate progress propertychange ratechange
readystatechange rejectionhandled repeat reset resize resizeend resizestart resume reverse rowenter rowexit rowsdelete
rowsinserted scroll scrollend scrollsnapchange search securitypolicyviolation seek seeked seeking select selectionchange
selectstart show slotchange stalled start stop storage submit suspend syncrestored timeerror timeupdate toggle touchcancel touchend
touchmove touchstart trackchange transitioncancel transitionend transitionrun transitionstart unhandledrejection unload
urlflip volumechange waiting webkitanimationend webkitanimationiteration webkitanimationstart webkitfullscreenchange
webkitmouseforcechanged webkitmouseforcedown webkitmouseforceup webkitmouseforcewillbegin webkitplaybacktargetavailabilitychanged
webkittransitionend webkitwillrevealbottom wheel zoom zx`.split(/\s+/),
);

export function isEventHandler(name: string): boolean {
  return name.startsWith('on') && events.has(name.slice(2));
}

/** Within a tag any name of this form is taken for a handler: browsers bring new ones. */
export function maybeEventHandler(name: string): boolean {
  return /^on[a-z]{3,40}$/.test(name);
}
