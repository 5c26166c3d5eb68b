using System.Globalization;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Completion;

/// <summary>
/// Offers the threads that were listed or worked on in this session, the latest first, by their IDs. A part of the title may be typed too.
/// </summary>
public sealed class ThreadIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        request.Seen.Threads.Select(thread => new Candidate(thread.Id, Describe(thread), thread.Title));

    private static string Describe(SeenThread thread) => string.Format(
        CultureInfo.CurrentCulture, "{0}: {1:g}, {2}", thread.Title ?? "A thread without a title", thread.Time.LocalDateTime, thread.Id);
}
