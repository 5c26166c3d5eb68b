using System.Collections.Specialized;
using System.Text.Json;
using Amp.Cli;
using Amp.Json;
using Amp.Permissions;
using Amp.Processes;

namespace Amp.Clients;

/// <summary>Asks a CLI about a tool call with a list of rules, which it gets in a private file.</summary>
internal sealed class PermissionTest
{
    private readonly CliConnection _connection;
    private readonly PermissionCall _call;
    private readonly PermissionContext _context;

    public PermissionTest(CliConnection connection, PermissionCall call, PermissionContext context)
    {
        _connection = connection;
        _call = call;
        _context = context;
    }

    private bool IsOfToolbox => CliChoice.IgnoresToolboxes(_connection.Cli) && _call.Tool.StartsWith(ToolboxNames.Prefix, StringComparison.Ordinal);

    /// <exception cref="AmpException">The CLI returns no answer, or an unknown one.</exception>
    public async Task<PermissionDecision> RunAsync(
        IReadOnlyList<AmpPermission> rules, PermissionSource source, CancellationToken cancellationToken)
    {
        (string[] command, CliAnswer answer, OrderedDictionary verdict) = await AskAsync(rules, cancellationToken).ConfigureAwait(false);
        try
        {
            PermissionAction? action = PermissionJson.Action(verdict["action"], "the verdict");
            if (verdict["matchedEntry"] is not OrderedDictionary entry)
            {
                RefuseBroken(rules);
                if (action is null && IsOfToolbox)
                {
                    // A run allows them after all rules, like the built-in rules of the CLIs that supported toolboxes.
                    return new PermissionDecision(_call.Tool, _call.Argument, _context)
                    {
                        Action = PermissionAction.Allow,
                        Rule = new AmpPermission(ToolboxNames.Prefix + "*", PermissionAction.Allow),
                        Source = PermissionSource.BuiltIn,
                    };
                }

                return action is null && verdict["error"] is null
                    ? new PermissionDecision(_call.Tool, _call.Argument, _context)
                    : throw new FormatException("does not name a rule");
            }

            AmpPermission matched = PermissionJson.Rule(entry, "the matching rule");
            bool isBuiltIn = verdict["source"] as string == "built-in";
            if (isBuiltIn)
            {
                RefuseBroken(rules);
            }
            else if (verdict["source"] as string != "user")
            {
                throw new FormatException("has an unknown source");
            }

            int index = isBuiltIn
                ? checked((int)(verdict["matchIndex"] as long? ?? throw new FormatException("has no index")))
                : await IndexAsync(rules, matched, cancellationToken).ConfigureAwait(false);
            return new PermissionDecision(_call.Tool, _call.Argument, _context)
            {
                Action = action,
                Rule = isBuiltIn ? matched : rules[index],
                Index = index,
                Source = isBuiltIn ? PermissionSource.BuiltIn : source,
                Message = verdict["error"] as string,
            };
        }
        catch (FormatException exception)
        {
            throw _connection.Unreadable(command, exception.Message, answer.Output, exception);
        }
    }

    // If the rule is not unique, the shortest list with a match ends with it.
    private async Task<int> IndexAsync(IReadOnlyList<AmpPermission> rules, AmpPermission matched, CancellationToken cancellationToken)
    {
        IReadOnlyList<int> candidates = RuleExpansion.Candidates(rules, matched);
        if (candidates.Count == 0)
        {
            throw new FormatException("names a rule that was not given");
        }

        if (candidates.Count == 1 || RuleExpansion.IsSame(rules[candidates[0]], matched))
        {
            return candidates[0];
        }

        int low = 0;
        int high = candidates.Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (_, _, OrderedDictionary verdict) = await AskAsync([.. rules.Take(candidates[middle] + 1)], cancellationToken).ConfigureAwait(false);
            bool isIn = verdict["matchedEntry"] is not null && verdict["source"] as string == "user";
            (low, high) = isIn ? (low, middle) : (middle + 1, high);
        }

        return candidates[low];
    }

    private async Task<(string[] Command, CliAnswer Answer, OrderedDictionary Verdict)> AskAsync(
        IReadOnlyList<AmpPermission> rules, CancellationToken cancellationToken)
    {
        using MemoryStream settings = new();
        using (Utf8JsonWriter writer = new(settings))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("amp.permissions");
            foreach (AmpPermission rule in rules)
            {
                rule.WriteTo(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using PrivateFolder folder = PrivateFolder.Create(_connection.WorkingDirectory);
        string file = folder.Add(new PrivateFile("settings.json", settings.ToArray()));

        // The text after the two dashes is the call's, which can have inputs and values that look like options of the CLI.
        string[] command =
        [
            "permissions", "test", "--json",
            "--settings-file", file,
            "--context", _context == PermissionContext.Subagent ? "subagent" : "thread",
            "--", _call.Tool, .. _call.Words,
        ];
        CliAnswer answer = await _connection.RunAsync(command, cancellationToken, isAnswer: code => code is 1 or 2).ConfigureAwait(false);
        if (JsonValue.ParseOrNull(answer.Output) is not OrderedDictionary verdict)
        {
            throw answer.Exit.IsSuccess || answer.Output.Length > 0
                ? _connection.Unreadable(command, "is not a valid verdict", answer.Output)
                : _connection.Failure(command, answer);
        }

        return verdict["success"] is not false
            ? (command, answer, verdict)
            : throw new AmpValidationException(
                $"The Amp CLI {_connection.Cli.Version} cannot read the rules: {Details(verdict)}",
                "Permission",
                "Fix the rule. Use PermissionClient.ListAsync to list the rules of the settings.");
    }

    private static string Details(OrderedDictionary verdict)
    {
        IEnumerable<string> details = (verdict["details"] as object?[] ?? [])
            .OfType<OrderedDictionary>()
            .Select(detail => $"{detail["path"]}: {detail["message"]}");
        return TerminalText.Strip(string.Join("; ", details.Prepend($"{verdict["error"]}")));
    }

    // An invalid expression in one rule makes the CLI skip all of them without an error.
    private static void RefuseBroken(IReadOnlyList<AmpPermission> rules)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            if (BrokenPattern.In(rules[i].Matches) is (string pattern, string error))
            {
                throw new AmpValidationException(
                    $"Rule {i} has a broken regular expression, {TerminalText.Strip(pattern)}: {error}. Because of it, the CLI skips all of these rules.",
                    "Permission",
                    "Fix the expression.",
                    rules[i]);
            }
        }
    }
}
