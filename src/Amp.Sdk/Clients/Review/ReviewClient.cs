using System.Collections;
using System.Collections.Specialized;
using Amp.Cli;
using Amp.Clients.Review;
using Amp.Json;

namespace Amp;

/// <summary>Has the CLI review the changes of a Git repository.</summary>
public sealed class ReviewClient
{
    private readonly CliOptions? _options;

    /// <summary>Creates a client. Nothing is started. A review takes minutes, so use a sufficient time limit.</summary>
    public ReviewClient(CliOptions? options = null) => _options = options;

    /// <summary>Reviews changes of the repository that contains the working directory. Requires a CLI of February 2026 or later.</summary>
    /// <exception cref="AmpException">The CLI cannot be used or does not have the command or an option, or the review failed.</exception>
    public async Task<AmpReview> RunAsync(ReviewOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReviewOptions();
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        CliCapabilities help = await ReviewHelpAsync(connection, cancellationToken).ConfigureAwait(false);
        if (options.SummaryOnly)
        {
            await connection.RequireAsync("review", "--summary-only", "Omit it, or ask the agent with a prompt.", cancellationToken)
                .ConfigureAwait(false);
        }

        bool isJson = help.HasOption("--json");
        List<string> arguments = options.DangerouslyAllowAll ? ["--dangerously-allow-all", "review"] : ["review"];
        arguments.AddRange(options.Files.Select(file => $"--files={file}"));
        if (options.Instruction is { Length: > 0 } instruction)
        {
            arguments.Add($"--instructions={instruction}");
        }

        if (options.SummaryOnly)
        {
            arguments.Add("--summary-only");
        }

        if (isJson)
        {
            arguments.Add("--json");
        }

        if (options.Diff is { Length: > 0 } diff)
        {
            arguments.AddRange(["--", diff]);
        }

        try
        {
            // With --json, the answer contains the error.
            CliAnswer answer = await connection.RunAsync(arguments, cancellationToken, isAnswer: code => isJson && code == 1).ConfigureAwait(false);
            return isJson ? ReadJson(connection, arguments, answer) : ReadText(connection, answer);
        }
        catch (AmpProcessException exception) when (CliFaultText.TellsNoPermissions(exception.StandardError))
        {
            throw new AmpValidationException(
                $"The Amp CLI {connection.Cli.Version} reviews only when every tool is allowed, including tools that change files.",
                nameof(ReviewOptions.DangerouslyAllowAll),
                "Use ReviewOptions.DangerouslyAllowAll where nothing can be harmed, or ask the agent for a review with a prompt and rules.");
        }
    }

    // The CLIs of summer 2026 and later have the command but do not list it.
    private static async Task<CliCapabilities> ReviewHelpAsync(CliConnection connection, CancellationToken cancellationToken)
    {
        CliCapabilities help = await connection.HelpAsync("review", cancellationToken).ConfigureAwait(false);
        return help.HasOption("--instructions")
            ? help
            : throw connection.Unsupported("has no command 'review'", "review", "Ask the agent for a review with a prompt, or install a CLI of February 2026 or later.");
    }

    private static AmpReview ReadText(CliConnection connection, CliAnswer answer)
    {
        if (answer.Output.Trim().Length == 0)
        {
            // The output is empty if not even the changes could be found.
            throw Failed(connection, "the CLI wrote nothing.", answer);
        }

        // If a summary fails, the CLI reports this on standard output and exits with 0.
        return ReviewText.FaultIn(answer.Output) is string fault ? throw Failed(connection, fault, answer) : ReviewText.Read(answer.Output);
    }

    private static AmpReview ReadJson(CliConnection connection, IReadOnlyList<string> arguments, CliAnswer answer)
    {
        CliJson json = new(connection, arguments);
        if (!answer.Exit.IsSuccess && JsonValue.ParseOrNull(answer.Output) is not OrderedDictionary)
        {
            throw connection.Failure(arguments, answer);
        }

        OrderedDictionary fields = json.Object(answer.Output);
        string? error = ErrorResultMessage.TextOf(fields["error"]) ?? (answer.Exit.IsSuccess ? null : ErrorResultMessage.TextOf(fields["errors"]));
        if (error is not null)
        {
            throw Failed(connection, error, answer);
        }

        // A review exits with 0 whatever it finds (0.0.1790142911), so this one has failed, whatever its JSON contains.
        if (!answer.Exit.IsSuccess)
        {
            throw connection.Failure(arguments, answer);
        }

        return new AmpReview
        {
            Text = answer.Output.Trim(),
            Summary = fields["summary"] as string,
            Comments = [.. json.Items(fields["comments"] ?? Array.Empty<object?>(), answer.Output).Select(Comment)],
        };
    }

    private static ReviewComment Comment(OrderedDictionary fields)
    {
        string[] known = ["filename", "startLine", "endLine", "severity", "text"];
        OrderedDictionary additional = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in fields.Cast<DictionaryEntry>().Where(entry => !known.Contains((string)entry.Key)))
        {
            additional.Add(entry.Key, entry.Value);
        }

        return new ReviewComment
        {
            File = fields["filename"] as string ?? string.Empty,
            Line = fields["startLine"] is long line ? (int)line : null,
            EndLine = fields["endLine"] is long end ? (int)end : null,
            Severity = fields["severity"] as string,
            Text = fields["text"] as string ?? string.Empty,
            AdditionalProperties = additional,
        };
    }

    private static AmpProcessException Failed(CliConnection connection, string what, CliAnswer answer) =>
        new CliFailure(answer.Exit, connection.Shown(answer.StandardError)).ToException(
            $"The review failed: {connection.Shown(what)}",
            AmpErrorId.CliFailed,
            "Read the message. You can run the same review in a terminal with 'amp review'.");
}
