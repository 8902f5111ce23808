"""What the error codes of broker, running engine and stages mean, and what to do about them (see error_codes)."""

from collections.abc import Mapping
from typing import Final

OF_BROKER: Final[Mapping[str, tuple[str, str]]] = {
    "broker_busy": ("The broker answers that there are too many requests; nothing was sent.", "Wait a minute."),
    "broker_unanswered": (
        "The broker gave no usable answer to a request that changes nothing.",
        "Ask again later; in the sandbox some services are never there.",
    ),
    "broker_unreachable": ("No connection to the broker could be made; nothing was sent.", "Check the network."),
    "broker_unreadable": (
        "The broker's answer to a request that changes nothing cannot be read.",
        "Ask again; if it stays so, the broker has changed its answers.",
    ),
    "budget_spent": (
        "The account's messages of this minute are used up; nothing was sent.",
        "Wait; kill, cancels and exits have messages kept free for them.",
    ),
    "credentials_refused": (
        "The broker refused to sign us in three times in a row; it is not asked again, as it would block this address.",
        "Check the client secret and the refresh token of this environment, then start again.",
    ),
    "foreign_host": (
        "An address is neither the broker's own of that environment nor on this machine.",
        "Name no address, or one of this machine.",
    ),
    "not_representable": ("The broker has no words for the order; nothing was sent.", "See what the message names."),
    "order_refused": ("The broker refused the request.", "See its reasons, in its own words."),
    "outcome_unknown": (
        "A request was sent that may have been carried out or not.",
        "It is never sent again; it is looked up until that is known.",
    ),
    "sign_in_refused": (
        "The broker refused to sign us in; nothing was sent.",
        "Check the client secret and the refresh token; after three times in a row it is not asked again.",
    ),
}

OF_CONTROL: Final[Mapping[str, tuple[str, str]]] = {
    "bad_request": (
        "The engine and the command do not understand each other.",
        "Use the same version of signalbook on both sides.",
    ),
    "engine_hung": (
        "An engine is there and does not answer: what was asked may have been done or not.",
        "`signalbook kill --direct` cancels at the broker without it; then end it and start it again.",
    ),
    "engine_not_running": ("No engine runs on this folder.", "Start it, or name its folder with `--home`."),
    "engine_running": ("Another engine runs on this folder.", "Stop it first."),
    "may_not_resume": ("Who asks may not lift this.", "Ask somebody the desk lets control."),
    "no_control_socket": ("The engine's socket cannot be made.", "Check the folder and who may write there."),
    "not_permitted": ("The engine belongs to another user.", "Run the command as the user the engine runs as."),
    "nothing_to_lift": ("Nothing is restricted for exactly that place.", "`signalbook status` lists what is."),
    "state_busy": ("Another process is changing the trading states.", "Wait for it, or end it, and ask again."),
    "state_unwritable": (
        "The file of trading states cannot be written.",
        "See to the disk, or who may write there, and say it again; `signalbook kill --direct` works without it.",
    ),
}

OF_STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "canary_not_done": ("The canary has openings left, or some are still under way.", "Wait until they have ended."),
    "diff_not_seen": (
        "What the version decides otherwise has not been looked at, or there is more of it by now.",
        "`signalbook stage show PLAYBOOK`, then `--seen` with the hash it ends with.",
    ),
    "diff_unknown": ("What the version decides otherwise is not known.", "Use the same version on both sides."),
    "loosening_not_seen": ("The second person has not said what they agree to.", "`--seen` with the hash shown."),
    "may_not_demote": ("The person may neither control nor promote.", "Ask somebody who may."),
    "may_not_loosen": (
        "The person may not ask for a looser desk (control or promote), or not agree to it (promote).",
        "Ask somebody who may.",
    ),
    "may_not_promote": ("The person may not promote.", "Ask somebody who may."),
    "no_account": ("A stage names no account, or one of the wrong kind.", "Correct `stages` or desk.yaml."),
    "desk_unreadable": ("There is no desk without errors.", "Mend desk.yaml."),
    "not_a_step": (
        "The stage is not the next one: sandbox, canary, production.",
        "Take one step at a time; `signalbook stage list` shows where it is.",
    ),
    "not_promoted": ("The version, or the playbook, is not in production.", "`signalbook stage list` shows what is."),
    "not_proven": (
        "The version has not passed the sandbox with enough contracts on enough days.",
        "Let it run there; a refusal by the sandbox begins the count anew.",
    ),
    "nothing_to_loosen": ("All that desk.yaml says is in force.", "Save the looser file first."),
    "other_engine": (
        "The version rose under another version of the program, and has to show itself again.",
        "Promote it to canary, or straight to production where it decides as before.",
    ),
    "playbook_disabled": ("The playbook is switched off.", "`enabled: yes`."),
    "other_desk": (
        "The journal of this home is of a desk of another name than desk.yaml's.",
        "Name that desk's files with `--playbooks`, or this desk's own home with `--home`.",
    ),
    "second_person_needed": ("A looser desk takes two people.", "Another one agrees."),
    "nobody_of_the_desk": ("Nobody of that name is in the desk in force.", "Name one of desk.yaml."),
    "unknown_version": ("There is no such version, or no file of it is known any more.", "`signalbook stage list`."),
}
