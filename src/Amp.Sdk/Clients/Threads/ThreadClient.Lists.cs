using System.Globalization;
using System.Runtime.CompilerServices;
using Amp.Cli;
using Amp.Clients.Threads;
using Amp.Options;

namespace Amp;

/// <content>Lists of threads, page by page where the CLI can.</content>
public sealed partial class ThreadClient
{
    // The default number of threads of a CLI. A page that is shorter than this and than the requested number is the last one, whatever the
    // limit of the service (0.0.1774310664, 0.0.1790142911).
    private const int UsualList = 200;
    private const int UsualFind = 20;

    private const int LongestFind = 100;

    /// <summary>Gets the threads of the user in the CLI's order, most recently changed first.</summary>
    /// <param name="includeArchived">Whether archived threads are included. Builds of January 2026 list what the service returns.</param>
    /// <param name="first">The maximum number of threads; null for all.</param>
    /// <param name="skip">The number of threads to skip first.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async IAsyncEnumerable<AmpThread> ListAsync(
        bool includeArchived = false,
        int? first = null,
        int skip = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Page page = new(first, skip);
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads list", "Use another version of the CLI.");
        List<string> arguments = ["threads", "list"];
        if (includeArchived)
        {
            await connection.RequireAsync("threads list", "--include-archived", "Omit it, or use a CLI of February 2026 or later.", cancellationToken)
                .ConfigureAwait(false);
            arguments.Add("--include-archived");
        }

        await foreach (AmpThread thread in PagesAsync(connection, arguments, [], page, UsualList, UsualList, cancellationToken).ConfigureAwait(false))
        {
            yield return thread;
        }
    }

    /// <summary>Gets the threads that match a query.</summary>
    /// <param name="query">A query in the CLI's query language: words, <c>"phrases"</c>, <c>file:path</c>, <c>repo:url</c>.</param>
    /// <param name="first">The maximum number of threads; null for all.</param>
    /// <param name="skip">The number of threads to skip first.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async IAsyncEnumerable<AmpThread> FindAsync(
        string query, int? first = null, int skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(query))
        {
            throw new AmpValidationException("The query is empty.", nameof(query), "Use ThreadClient.ListAsync to list all threads.");
        }

        Page page = new(first, skip);
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        connection.Require("threads search", "List the threads, and filter them by title.");
        await foreach (AmpThread thread in PagesAsync(connection, ["threads", "search"], ["--", query], page, UsualFind, LongestFind, cancellationToken)
            .ConfigureAwait(false))
        {
            yield return thread;
        }
    }

    /// <summary>Gets a thread by its ID or URL: from the list, which contains most details, or else from its export.</summary>
    /// <param name="threadId">The ID or URL.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async Task<AmpThread> GetAsync(string threadId, CancellationToken cancellationToken = default)
    {
        ThreadLookup lookup = OpenLookup();
        await using ConfiguredAsyncDisposable owned = lookup.ConfigureAwait(false);
        return await lookup.GetAsync(threadId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a lookup for several threads, which reads the list at most once.</summary>
    public ThreadLookup OpenLookup() => new(this);

    // All threads of the user, including archived ones if the CLI can list them.
    internal async Task<IAsyncEnumerator<AmpThread>> ListEachAsync(CancellationToken cancellationToken)
    {
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        CliCapabilities help = await connection.HelpAsync("threads list", cancellationToken).ConfigureAwait(false);
        return ListAsync(help.HasOption("--include-archived"), cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    // It may be a shared thread of another user, or an archived one.
    internal async Task<AmpThread> ExportOneAsync(string id, CancellationToken cancellationToken)
    {
        CliConnection connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (!await connection.HasHiddenAsync("threads export", cancellationToken).ConfigureAwait(false))
        {
            throw new AmpProcessException(
                $"Thread {id} is not one of your threads.",
                AmpErrorId.ThreadNotFound,
                CliFailure.ThreadNotFoundAdvice)
            {
                ThreadId = id,
            };
        }

        string[] arguments = ["threads", "export", id];
        CliAnswer answer = await RunAsync(connection, arguments, id, cancellationToken).ConfigureAwait(false);
        return ThreadJson.ReadExport(answer.Output, (what, text) => connection.Unreadable(arguments, what, text));
    }

    private static async IAsyncEnumerable<AmpThread> PagesAsync(
        CliConnection connection,
        IReadOnlyList<string> command,
        IReadOnlyList<string> operands,
        Page page,
        int usual,
        int longest,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (page.Remaining == 0)
        {
            yield break;
        }

        CliCapabilities help = await connection.HelpAsync(string.Join(' ', command.Take(2)), cancellationToken).ConfigureAwait(false);
        bool canSkip = help.HasOption("--offset") && help.HasOption("--limit");

        // Threads move between two pages if one is used in the meantime.
        HashSet<string> seen = new(StringComparer.Ordinal);
        string? begun = null;
        int offset = canSkip ? page.Skip : 0;
        int limit = canSkip ? Math.Min(page.Remaining, longest) : help.HasOption("--limit") ? page.End ?? longest : 0;
        while (true)
        {
            List<string> arguments = [.. command];
            arguments.AddRange(help.HasOption("--json") ? ["--json"] : []);
            arguments.AddRange(limit > 0 ? ["--limit=" + Number(limit)] : []);
            arguments.AddRange(canSkip ? ["--offset=" + Number(offset)] : []);
            arguments.AddRange(operands);
            ThreadRows rows = await RowsAsync(connection, arguments, help.HasOption("--json"), cancellationToken).ConfigureAwait(false);
            int known = seen.Count;
            foreach (AmpThread thread in canSkip ? rows.Threads : rows.Threads.Skip(page.Skip))
            {
                if (page.Remaining > 0 && seen.Add(thread.Id))
                {
                    page.Take();
                    yield return thread;
                }
            }

            if (page.Remaining == 0)
            {
                yield break;
            }

            if (canSkip)
            {
                if (rows.Threads.Count < Math.Min(limit, usual))
                {
                    yield break;
                }

                // A service that ignores the offset shows its first page for ever, and one that limits it its last.
                if (seen.Count == known && rows.Threads[0].Id == begun)
                {
                    throw connection.Unreadable(arguments, "shows the same threads again", string.Empty);
                }

                begun = rows.Threads[0].Id;
                offset += rows.Threads.Count;
                limit = Math.Min(page.Remaining, longest);
            }
            else if (!rows.HasMore)
            {
                yield break;
            }
            else if (rows.Threads.Count < limit)
            {
                throw connection.Unreadable(arguments, $"says that there is more than the {rows.Threads.Count} threads it shows", string.Empty);
            }
            else
            {
                limit = limit <= int.MaxValue / 4 ? limit * 4 : throw connection.Unreadable(arguments, "has no end", string.Empty);
            }
        }
    }

    private static async Task<ThreadRows> RowsAsync(
        CliConnection connection, IReadOnlyList<string> arguments, bool isJson, CancellationToken cancellationToken)
    {
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        return isJson
            ? ThreadJson.Read(answer.Output, Unreadable)
            : ThreadTable.Read(answer.Output, DateTimeOffset.UtcNow, Unreadable);

        Exception Unreadable(string what, string text) => connection.Unreadable(arguments, what, text);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // The requested part of a list.
    private sealed class Page
    {
        public Page(int? first, int skip)
        {
            Remaining = Checked(first ?? int.MaxValue, nameof(first));
            Skip = Checked(skip, nameof(skip));
            End = first is int count && count <= int.MaxValue - skip ? skip + count : null;
        }

        public int Skip { get; }

        public int Remaining { get; private set; }

        public int? End { get; }

        public void Take() => Remaining = Remaining == int.MaxValue ? int.MaxValue : Remaining - 1;

        private static int Checked(int number, string name) => number >= 0 ? number : throw new AmpValidationException(
            $"{number} is not a valid number of threads.", name, "Give a number of at least 0.", number);
    }
}
