using static Amp.Sdk.Tests.OptionTable.Build;
using static Amp.Sdk.Tests.OptionTable.OptionRow;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>Which thread a run belongs to, and what is said of a new one.</summary>
internal static class ThreadRows
{
    private const string Thread = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a";
    private const string Continue = $"threads continue {Thread} {Run}";
    private const string ContinueLast = $"threads continue --last {Run}";
    private const string Visibilities = "Its visibilities are: private, public, workspace, group.";
    private const string NoArchive = "Omit it, and archive the thread after the run.";
    private const string NoLabels = "Omit labels, or install a CLI of 2026-01-26 or later.";

    public static IEnumerable<OptionRow> All =>
    [
        Of("thread", options => options with { ThreadId = Thread })
            .Gives($"{Continue} {QuietJanuary}", $"{Continue} {QuietSpring}", $"{Continue} {QuietSeptember}"),

        Of("thread by its URL", options => options with { ThreadId = $" https://ampcode.com/threads/{Thread.ToUpperInvariant()}?x=1#y " })
            .Gives($"{Continue} {QuietJanuary}", $"{Continue} {QuietSpring}", $"{Continue} {QuietSeptember}"),

        Of("latest thread", options => options with { ContinueLatestThread = true })
            .Gives($"{ContinueLast} {QuietJanuary}", $"{ContinueLast} {QuietSpring}", $"{ContinueLast} {QuietSeptember}"),

        Of("visibility private", options => options with { Visibility = "private" })
            .Gives(
                $"{Run} --visibility=private {QuietJanuary}",
                $"{Run} --visibility=private {QuietSpring}",
                $"{Run} --visibility=private {Keep} {QuietSeptember}"),

        Of("visibility group", options => options with { Visibility = "group" })
            .Gives(
                $"{Run} --visibility=group {QuietJanuary}",
                $"{Run} --visibility=group {QuietSpring}",
                $"{Run} --visibility=group {Keep} {QuietSeptember}"),

        Of("visibility public", options => options with { Visibility = "public" })
            .Gives(
                $"{Run} --visibility=public {QuietJanuary}",
                $"{Run} --visibility=public {QuietSpring}",
                $"{Run} --visibility=unlisted {Keep} {QuietSeptember}"),

        Of("visibility unlisted", options => options with { Visibility = "unlisted" })
            .Gives(
                $"{Run} --visibility=unlisted {QuietJanuary}",
                $"{Run} --visibility=unlisted {QuietSpring}",
                $"{Run} --visibility=unlisted {Keep} {QuietSeptember}"),

        Of("visibility that is none", options => options with { Visibility = "everybody" })
            .Refuses(UntilMay, "Visibility", "has no visibility 'everybody'", Visibilities)
            .Refuses(
                September, "Visibility", "has no visibility 'everybody'", "Its visibilities are: private, unlisted, workspace, group."),

        Of("archive", options => options with { Archive = true })
            .Refuses(BothOfJanuary, "Archive", "does not know '--archive'", NoArchive)
            .Gives(FebruaryToMay, $"{Run} --archive {QuietSpring}")
            .Gives(September, $"{Run} {QuietSeptember}"),

        Of("archive a thread that is continued", options => options with { Archive = true, ThreadId = Thread })
            .Refuses(BothOfJanuary, "Archive", "does not know '--archive'", NoArchive)
            .Gives(FebruaryToMay, $"{Continue} --archive {QuietSpring}")
            .Refuses(September, "Archive", "does not archive a thread that it continues", NoArchive),

        Of("archive the latest thread", options => options with { Archive = true, ContinueLatestThread = true })
            .Refuses(BothOfJanuary, "Archive", "does not know '--archive'", NoArchive)
            .Gives(FebruaryToMay, $"{ContinueLast} --archive {QuietSpring}")
            .Refuses(September, "Archive", "does not archive a thread that it continues", NoArchive),

        Of("title", options => options with { Title = "--x 'y' ü" })
            .Refuses(UntilMay, "Title", "does not know '--title'", "Omit the title, and rename the thread after the run.")
            .Gives(September, $"{Run} '--title=--x 'y' ü' {Keep} {QuietSeptember}"),

        Of("labels", options => options with { Labels = ["nightly", "Team-1"] })
            .Refuses(January8, "Labels", "does not know '--label'", NoLabels)
            .Gives(January26, $"{Run} --label=nightly --label=Team-1 {QuietJanuary}")
            .Gives(FebruaryToMay, $"{Run} --label=nightly --label=Team-1 {QuietSpring}")
            .Gives(September, $"{Run} --label=nightly --label=Team-1 {Keep} {QuietSeptember}"),
    ];
}
