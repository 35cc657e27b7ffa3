// The free text of records: a situation, something of it, and what is to happen; thousands of combinations.

const NOTES = {
  orders: [
    ["Rang on Monday about where the van is.", "Wants the invoice to go to accounts.", "Second order this month.", "Asked for the blue one if the grey is out.", "Placed by phone with Deirdre.", "Paid with a voucher and a card.", "Collects in the Cork shop.", "First order since the new shop opened.", "Came through the spring newsletter.", "Wanted it by Friday at the latest."],
    ["Warehouse picked it the same day.", "One item waits for stock.", "Tracking was sent by text message.", "The address had no eircode.", "Weight was put down wrong at first.", "Driver left a card in the letter box.", "Packed with extra paper.", "Label was printed again.", "Went out with the late van.", "Checked by hand before it left."],
    ["Nothing more to do.", "Look at it again next week.", "Tell the customer when it leaves.", "Ask the depot in Athlone.", "Close when the signature is in.", "Offer ten percent on the next one.", "Keep the box until then.", "Manager knows about it."],
  ],
  tickets: [
    ["Wrote through the form on the site.", "Called from the car.", "Sent three photos.", "Has asked the same in May.", "Answers within minutes.", "Wrote on behalf of a housing association.", "Tried the steps in the guide.", "Uses an older tablet.", "Wants somebody local.", "Sent a long and friendly letter."],
    ["The router was started again.", "Settings look right from here.", "Logs show nothing odd.", "It went away for a day.", "Another office has seen this.", "The cable was changed.", "A colleague could repeat it.", "Only on the ground floor.", "Only with two people at once.", "It began with the storm."],
    ["Passed on to second line.", "Waiting for a date.", "Solved, wait a week before closing.", "Ask for the serial number.", "Send the guide in large print.", "Call back on Thursday.", "Visit booked.", "Credit of five euro given."],
  ],
  products: [
    ["Made in a small workshop in Clare.", "Comes in four colours.", "A favourite since 2011.", "New this season.", "Tested by our own staff.", "Bought most often as a present.", "Designed together with a school.", "From the same maker as the tray.", "Back after two years.", "The larger one of the pair."],
    ["Oak with a matt oil.", "Steel that does not rust.", "Cotton from a certified mill.", "Recycled plastic from fishing nets.", "Beech and brass.", "Enamel on iron.", "Felt and leather.", "Glass from Waterford.", "Linen from the north.", "Cork with a rubber foot."],
    ["Wipe with a damp cloth.", "Goes in the dishwasher.", "Put together in ten minutes.", "Comes with two screws to spare.", "Keep away from the fire.", "Holds eight kilos.", "Delivered flat.", "Suits a small kitchen."],
  ],
  people: [
    ["Came to us through the website.", "Was at the open day in Limerick.", "Buys for an office of twelve.", "Prefers to be called by first name.", "Reads every newsletter.", "Used to work with Tadhg.", "Has a shop in the main street.", "Teaches at the college.", "Plays in a band at weekends.", "Moved here from Sligo."],
    ["Likes quick answers.", "Compares prices closely.", "Decides together with a partner.", "Always pays on the day.", "Asks for a written offer.", "Sends photos of everything.", "Comes by on market days.", "Wants one person to talk to.", "Is patient with delays.", "Knows our catalogue by heart."],
    ["Send the autumn catalogue.", "Ask about the garden room.", "Ring again in the new year.", "Nothing open.", "Invite to the tasting.", "Check the address at the next call.", "Offer the service plan.", "Thank for the review."],
  ],
  policies: [
    ["This holds in all our shops.", "Written for customers of the web shop.", "Valid from the first of March.", "Replaces the page of last year.", "Agreed with the works council.", "Asked about at the counter each week."],
    ["Staff at the desk can help with it.", "A form is on the site.", "Business customers have terms of their own.", "Exceptions need a manager.", "The law gives you more in some cases.", "Northern Ireland is included."],
    ["Read again in a year.", "Print it for the counter.", "Ask legal before changing it.", "A short form goes on the receipt."],
  ],
};

/** An ordinary note of a group. */
export const noteOf = (group, pick) => NOTES[group].map((part) => pick(part)).join(" ");
