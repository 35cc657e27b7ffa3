// Users, teams and tags of the fake Kustomer.

import { invalid, linked, newId, now } from "./kustomer.mjs";

const resource = (type, attributes, id = newId()) => ({ type, id, attributes: { ...attributes, createdAt: now(), updatedAt: now(), rev: 1 } });

/** The directory; `teams` and `agents` are names or { id, name, … }. */
export function directoryOf({ org, roles, teams, agents, tags }) {
  const named = (given) => (typeof given === "string" ? { name: given } : given);
  const userOf = (type, { id, name, email = `${name.toLowerCase().replace(/\W+/g, ".")}@acme.example`, ...more }) => {
    const user = resource("user", { name, displayName: name, email, userType: type, roles: [], ...more }, id);
    return Object.assign(user, { relationships: { org: linked("org", org) } });
  };
  const tagOf = (name) => resource("tag", { name, color: "#ececec", deleted: false });
  const machine = userOf("machine", { name: "Tieline", roles });
  const people = agents.map((agent) => userOf("user", named(agent)));
  const directory = {
    machine,
    agents: people,
    users: [machine, ...people],
    teams: teams.map(named).map(({ id, members = people.map((one) => one.id), ...team }) => resource("team", { displayName: team.name, icon: "users", members, deleted: false, ...team }, id)),
    tags: tags.map(tagOf),
    /** The ids of tags by id or name; `makes` those that are missing, which else are refused. */
    tagIds: (values, { makes = false, pointer = "/tags" } = {}) => values.map((value, n) => {
      const found = directory.tags.find(({ id, attributes }) => id === value || attributes.name === value);
      if (!found && !makes) throw invalid(`${pointer}/${n}`, "is no tag of the organisation");
      if (!found) directory.tags.push(tagOf(value));
      return (found ?? directory.tags.at(-1)).id;
    }),
    /** Refuses assignees who do not exist. */
    checkAssignees({ assignedUsers = [], assignedTeams = [] }) {
      const check = (ids, all, name) => ids.forEach((id, n) => {
        if (!all.some((one) => one.id === id && !one.attributes.deleted)) throw invalid(`/${name}/${n}`, "does not exist");
      });
      check(assignedUsers, directory.users, "assignedUsers");
      check(assignedTeams, directory.teams, "assignedTeams");
    },
  };
  return directory;
}
