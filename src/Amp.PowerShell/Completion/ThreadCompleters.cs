using System.Globalization;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Completion;

/// <summary>
/// Completes the IDs of the threads that were listed or used in this session, most recent first. You can also type a part of the title.
/// </summary>
internal sealed class ThreadIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        request.Seen.Threads.Select(thread => new Candidate(thread.Id, Describe(thread), thread.Title));

    private static string Describe(SeenThread thread) => string.Format(
        CultureInfo.CurrentCulture, "{0}: {1:g}, {2}", thread.Title ?? "A thread without a title", thread.Time.LocalDateTime, thread.Id);
}

/// <summary>
/// Completes visibilities of threads: those in the CLI's help, or those of all CLIs of 2026 if the CLI has not been asked yet.
/// </summary>
internal sealed class VisibilityCompleter : AmpCompleter
{
    private static readonly Candidate[] s_known =
    [
        new("private", "Only you can see it."),
        new("workspace", "Everyone in your workspace can see it."),
        new("group", "The groups that your workspace shares threads with can see it."),
        new("unlisted", "Everyone who has the link can see it."),
        new("public", "Everyone can see it. CLIs of May 2026 or later have 'unlisted' instead."),
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Visibilities.Select(name => s_known.FirstOrDefault(known => known.Value == name) ?? new Candidate(name))
        : s_known;
}

/// <summary>Completes the labels that were used in this session.</summary>
internal sealed class LabelCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        request.Seen.Labels.Keys.Order(StringComparer.OrdinalIgnoreCase).Select(label => new Candidate(label));
}
