using System.Runtime.CompilerServices;
using Amp.Cli;
using Amp.Clients.Threads;
using Amp.Options;

namespace Amp;

/// <summary>
/// Manages the threads of the user with the commands of the CLI. Each call runs one or a few processes, and all have exited when it
/// returns.
/// </summary>
/// <remarks>
/// All methods throw <see cref="AmpValidationException"/> for invalid values and missing features of the CLI, before anything is changed;
/// <see cref="AmpCliNotFoundException"/>; <see cref="AmpAuthenticationException"/> if a login is required; <see cref="AmpProcessException"/>
/// with <see cref="AmpErrorId.ThreadNotFound"/>, <see cref="AmpErrorId.ServiceUnreachable"/> or <see cref="AmpErrorId.CliFailed"/>;
/// <see cref="AmpTimeoutException"/>; <see cref="AmpJsonException"/> for an answer that cannot be read; <see cref="AmpCanceledException"/>.
/// </remarks>
/// <param name="options">The CLI, the working directory, the key and the time limit.</param>
public sealed partial class ThreadClient(CliOptions? options = null)
{
    /// <summary>The command that archives a thread.</summary>
    internal const string ArchiveCommand = "threads archive";

    private const string ForgottenLabels = "Give the labels to a run, with AmpOptions.Labels.";

    /// <summary>Gets the ID of a thread from an ID or URL.</summary>
    /// <exception cref="AmpValidationException">The text is neither.</exception>
    public static string IdOf(string thread) => ThreadReference.Parse(thread, "ThreadId");

    /// <summary>Creates an empty thread.</summary>
    /// <param name="visibility">Who can see it; null for the default of the CLI.</param>
    /// <param name="labels">Labels for the thread.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async Task<AmpThread> CreateAsync(
        string? visibility = null, IReadOnlyList<string>? labels = null, CancellationToken cancellationToken = default)
    {
        LabelCheck.Check(labels);
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads new", "Run a prompt: each run without a thread creates one.");
        List<string> arguments = ["threads", "new"];
        if (visibility is not null)
        {
            visibility = CliChoice.Visibility(visibility, connection.Cli);
            arguments.Add("--visibility=" + visibility);
        }

        if (labels is { Count: > 0 })
        {
            // Earlier builds accept the option, but it has no effect on this command.
            connection.Require("threads label", ForgottenLabels);
        }

        string id = await CreatedAsync(connection, arguments, cancellationToken).ConfigureAwait(false);
        if (labels is { Count: > 0 })
        {
            await LabelAsync(connection, id, labels, cancellationToken).ConfigureAwait(false);
        }

        return new AmpThread { Id = id, MessageCount = 0, Visibility = visibility };
    }

    /// <summary>Creates a thread that continues another one with a goal. The model summarizes the parts that are required.</summary>
    /// <param name="threadId">The thread to continue from, as an ID or URL.</param>
    /// <param name="goal">The goal, which is passed by standard input.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async Task<AmpThread> HandOffAsync(string threadId, string goal, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        if (string.IsNullOrWhiteSpace(goal))
        {
            throw new AmpValidationException("The goal for the new thread is missing.", nameof(goal), "Say what the new thread is to achieve.");
        }

        const string WayOut = "Start a new run with the text of the thread from ThreadClient.ExportMarkdownAsync.";
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads handoff", WayOut);
        await connection.RequireAsync("threads handoff", "--print", WayOut, cancellationToken).ConfigureAwait(false);
        return new AmpThread
        {
            Id = await CreatedAsync(connection, ["threads", "handoff", id, "--print"], cancellationToken, id, goal).ConfigureAwait(false),
        };
    }

    /// <summary>
    /// Creates a copy of a thread, to continue in another direction. Of the builds that were tested, only that of 2026-01-08 can do this.
    /// </summary>
    public async Task<AmpThread> ForkAsync(string threadId, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads fork", "Hand the thread off with a goal if the CLI can, or use a build of early January 2026.");
        return new AmpThread { Id = await CreatedAsync(connection, ["threads", "fork", id], cancellationToken, id).ConfigureAwait(false) };
    }

    /// <summary>Renames a thread. The CLI refuses to rename a thread without messages.</summary>
    public async Task RenameAsync(string threadId, string title, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        ThreadTitle.Check(title);
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads rename", "Give the title to a new run, with AmpOptions.Title.");
        await DoAsync(connection, ["threads", "rename", id, "--", title.Trim()], id, "renamed to", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Changes the visibility, archive state and labels of a thread. Before the first change, it checks that the CLI supports all of them.
    /// </summary>
    public async Task ChangeAsync(string threadId, ThreadChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        LabelCheck.Check(change.Labels);
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        string? visibility = change.Visibility is null ? null : CliChoice.Visibility(change.Visibility, connection.Cli);
        if (visibility is not null)
        {
            connection.Require("threads share", "Change it on the thread's page.");
        }

        if (change.IsArchived is not null)
        {
            connection.Require(ArchiveCommand, "Archive it on the thread's page.");
        }

        if (change.Labels is { Count: > 0 })
        {
            connection.Require("threads label", ForgottenLabels);
        }

        if (visibility is not null)
        {
            await DoAsync(connection, ["threads", "share", "--visibility=" + visibility, id], id, "visibility changed to", cancellationToken)
                .ConfigureAwait(false);
        }

        if (change.IsArchived is bool isArchived)
        {
            string[] arguments = isArchived ? ["threads", "archive", id] : ["threads", "archive", "--unarchive", id];
            await DoAsync(connection, arguments, id, isArchived ? "Thread archived" : "Thread unarchived", cancellationToken)
                .ConfigureAwait(false);
        }

        if (change.Labels is { Count: > 0 } labels)
        {
            await LabelAsync(connection, id, labels, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes a thread permanently, on this machine and on the service.</summary>
    public async Task DeleteAsync(string threadId, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads delete", "Archive it, or use a CLI of 2026-01-26 or later.");
        if (await connection.HasHiddenAsync("threads export", cancellationToken).ConfigureAwait(false))
        {
            // The CLI also reports "deleted" for a thread that never existed (0.0.1769425000, 0.0.1774310664).
            try
            {
                await RunAsync(connection, ["threads", "export", id], id, cancellationToken).ConfigureAwait(false);
            }
            catch (AmpJsonException)
            {
                // It exists, and is longer than the limit.
            }
        }

        await DoAsync(connection, ["threads", "delete", id], id, " deleted", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets a whole thread as Markdown, as the CLI formats it.</summary>
    public async Task<string> ExportMarkdownAsync(string threadId, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads markdown", "Use another version of the CLI.");
        string[] arguments = ["threads", "markdown", id];
        CliAnswer answer = await RunAsync(connection, arguments, id, cancellationToken).ConfigureAwait(false);
        return answer.Output.Contains(id, StringComparison.Ordinal)
            ? answer.Output
            : throw connection.Unreadable(arguments, "is not the thread", answer.Output);
    }

    /// <summary>Gets a whole thread as JSON, in the CLI's own format, which differs between versions.</summary>
    public async Task<string> ExportJsonAsync(string threadId, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await ExportAsync(connection, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the cost of a thread.</summary>
    public async Task<ThreadCost> GetCostAsync(string threadId, CancellationToken cancellationToken = default)
    {
        string id = ThreadReference.Parse(threadId, nameof(threadId));
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads usage", "Use a CLI of March 2026 or later.");
        CliCapabilities help = await connection.HelpAsync("threads usage", cancellationToken).ConfigureAwait(false);
        string[] arguments = ["threads", "usage", id];
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken, id).ConfigureAwait(false);
        return ThreadCostText.Read(id, answer.Output, isInWordsOfService: help.HasOption("--details"))
            ?? throw connection.Unreadable(arguments, "does not contain a cost", answer.Output);
    }

    private static async Task<string> ExportAsync(CliConnection connection, string id, CancellationToken cancellationToken)
    {
        if (!await connection.HasHiddenAsync("threads export", cancellationToken).ConfigureAwait(false))
        {
            connection.Require("threads export", "Use ThreadClient.ExportMarkdownAsync, or a CLI of 2026-01-26 or later.");
        }

        string[] arguments = ["threads", "export", id];
        CliAnswer answer = await RunAsync(connection, arguments, id, cancellationToken).ConfigureAwait(false);
        ThreadJson.Check(answer.Output, (what, text) => connection.Unreadable(arguments, what, text));
        return answer.Output;
    }

    private static async Task<string> CreatedAsync(
        CliConnection connection, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? from = null, string? input = null)
    {
        CliAnswer answer = await RunAsync(connection, arguments, from, cancellationToken, input).ConfigureAwait(false);

        // The ID or, on builds of late 2026, the URL.
        return ThreadReference.TryParse(TerminalText.Strip(answer.Output)) ?? throw connection.Unreadable(arguments, "is not a thread", answer.Output);
    }

    private static Task LabelAsync(CliConnection connection, string id, IReadOnlyList<string> labels, CancellationToken cancellationToken) =>
        DoAsync(connection, ["threads", "label", id, .. labels], id, " labels: ", cancellationToken);

    private static async Task DoAsync(
        CliConnection connection, IReadOnlyList<string> arguments, string id, string confirmation, CancellationToken cancellationToken)
    {
        CliAnswer answer = await RunAsync(connection, arguments, id, cancellationToken).ConfigureAwait(false);

        // An exit code of 0 proves nothing.
        if (!answer.Output.Contains(confirmation, StringComparison.Ordinal))
        {
            throw connection.Unreadable(arguments, "does not say that it was done", answer.Output);
        }
    }

    private static async Task<CliAnswer> RunAsync(
        CliConnection connection, IReadOnlyList<string> arguments, string? id, CancellationToken cancellationToken, string? input = null)
    {
        try
        {
            return await connection.RunAsync(arguments, cancellationToken, id, input: input).ConfigureAwait(false);
        }
        catch (AmpProcessException exception) when (exception.ErrorId == AmpErrorId.ThreadNotFound)
        {
            // Some commands report "does not exist" for any answer of the service, even for an invalid key. A list reports the actual
            // problem (0.0.1774310664).
            await connection.RunAsync(["threads", "list"], cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private Task<CliConnection> OpenAsync(CancellationToken cancellationToken) => CliConnection.OpenAsync(options, cancellationToken);
}
