using System.Reflection;
using System.Text;
using Amp.Processes;
using Amp.Services;
using Amp.Testing;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>
/// Every option on every CLI: exactly these arguments, variables and files, or exactly this error. The real CLIs have told themselves
/// what they know; those of February and May are fake ones that give the recorded help of the real ones.
/// </summary>
public sealed class OptionTableTests(BuildColumns columns) : IClassFixture<BuildColumns>
{
    private static readonly IReadOnlyList<OptionRow> s_rows = [.. AgentRows.All, .. ThreadRows.All, .. FileRows.All, .. QuietRows.All];

    public static TheoryData<string, string> Cells
    {
        get
        {
            TheoryData<string, string> cells = new();
            foreach (OptionRow row in s_rows)
            {
                foreach (Build build in Build.All)
                {
                    cells.Add(row.Name, build.Date);
                }
            }

            return cells;
        }
    }

    public static TheoryData<string> Dates => [.. Build.All.Select(build => build.Date)];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_row_gives_exactly_this_on_that_CLI(string name, string date)
    {
        OptionRow row = s_rows.Single(row => row.Name == name);
        Build build = Build.All.Single(build => build.Date == date);
        AmpCli cli = columns.Cli(build);
        using PrivateHome home = new();
        AmpOptions start = columns.OptionsFor(build, home);
        foreach ((string file, string text) in row.FilesBefore)
        {
            Support.SettingsRun.Write(Path.Combine(home.Root, file), text);
        }

        AmpOptions options = row.Set(start, home.Root);
        if (row.RefusalOf(build) is Refusal refusal)
        {
            AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(
                () => AmpClient.PlanAsync("hi", options, TestContext.Current.CancellationToken));
            Assert.Equal(AmpErrorId.UnsupportedByCli, error.ErrorId);
            Assert.Equal(refusal.OptionName, error.OptionName);
            Assert.Equal($"The Amp CLI {build.Version} at '{cli.Path}' {refusal.Lack}.", error.Message);
            Assert.Equal(refusal.WayOut, error.RecommendedAction);
            Assert.False(Directory.Exists(Path.Combine(home.Root, "log")));
        }
        else
        {
            Check(await AmpClient.PlanAsync("hi", options, TestContext.Current.CancellationToken), row, build, start, home.Root);
        }

        foreach ((string file, string text) in row.FilesBefore)
        {
            Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(home.Root, file), TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [MemberData(nameof(Dates))]
    public void A_CLI_is_the_build_of_its_column_and_says_what_was_recorded_of_it(string date)
    {
        Build build = Build.All.Single(build => build.Date == date);
        AmpCli cli = columns.Cli(build);
        CliCapabilities recorded = Support.Help.Of(date);
        Assert.Equal(build.Version, cli.Version);
        Assert.Equal(recorded.Options, cli.Options);
        Assert.Equal(recorded.Commands, cli.Commands);
        Assert.Equal(recorded.Modes, cli.Modes);
        Assert.Equal(recorded.Visibilities, cli.Visibilities);
    }

    [Fact]
    public void Every_row_has_all_columns_and_every_option_has_a_row()
    {
        Assert.All(s_rows, row => Assert.All(
            Build.All, build => Assert.True(row.Arguments(build) is null != row.RefusalOf(build) is null, $"{row.Name} on {build.Date}")));
        Assert.Equal(s_rows.Count, s_rows.Select(row => row.Name).Distinct().Count());

        using PrivateHome home = new();
        AmpOptions untouched = new();
        AmpOptions[] set = [.. s_rows.Select(row => row.Set(untouched with { Environment = home.Environment() }, home.Root))];

        // Where the CLI is and works; and what opens a service for the length of a run, whose address no plan can know: these have
        // tests of their own (Approval/, Tools/). Of limits of use the CLI is not told (Budgets/), nor of
        // what decides whether it is done (Output/, Verification/), of second tries (Retries/), nor of records (Records/) and checkpoints (Checkpoints/). The way
        // to a CLI on another machine has tests of its own too (Ssh/).
        string[] without =
        [
            nameof(AmpOptions.AllowUnknownUsage), nameof(AmpOptions.Approval), nameof(AmpOptions.ApprovalTimeout), nameof(AmpOptions.Budget), nameof(AmpOptions.Checkpoint),
            nameof(AmpOptions.CliPath),
            nameof(AmpOptions.CostLimit), nameof(AmpOptions.Images), nameof(AmpOptions.OutputRetryLimit), nameof(AmpOptions.OutputSchema),
            nameof(AmpOptions.RetryAfterChange), nameof(AmpOptions.RetryLimit), nameof(AmpOptions.ServiceLossTimeout), nameof(AmpOptions.TokenLimit), nameof(AmpOptions.ToolServerName),
            nameof(AmpOptions.ToolTimeout), nameof(AmpOptions.ToolUseLimit), nameof(AmpOptions.ToolboxTimeout), nameof(AmpOptions.Tools), nameof(AmpOptions.TranscriptContent),
            nameof(AmpOptions.TranscriptPath), nameof(AmpOptions.Transport), nameof(AmpOptions.TurnLimit),
            nameof(AmpOptions.Verify), nameof(AmpOptions.VerifyLimit), nameof(AmpOptions.VerifyPaths), nameof(AmpOptions.VerifyTimeout), nameof(AmpOptions.WorkingDirectory),
        ];
        string[] withoutRow =
        [
            .. typeof(AmpOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => !set.Any(options => !Equals(property.GetValue(options), property.GetValue(untouched))))
                .Select(property => property.Name),
        ];
        Assert.Equal(without, withoutRow.Order(StringComparer.Ordinal));
    }

    private static void Check(RunPlan plan, OptionRow row, Build build, AmpOptions start, string home)
    {
        IEnumerable<string> arguments = plan.Arguments;
        if (plan.Program.Script is string script)
        {
            Assert.Equal(script, plan.Arguments[0]);
            arguments = plan.Arguments.Skip(1);
        }

        Assert.Equal(row.Arguments(build), Shown.Arguments(arguments, home));
        Assert.Equal(
            Shown.ExpectedVariables(start.Environment!, row.Variables),
            Shown.Lines(plan.Environment.Select(variable => KeyValuePair.Create(
                variable.Key, (string?)(row.Variables.ContainsKey(variable.Key) ? Shown.Home(variable.Value, home) : variable.Value)))));
        IReadOnlyDictionary<string, string> made = row.FilesMadeOn(build);
        IReadOnlyList<PrivateFile> files = plan.Files(RunContribution.Merge(plan.Services.Select(service => service.Planned)));
        Assert.Equal(made.Keys.Order(StringComparer.Ordinal), files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.All(files, file =>
            Assert.Equal(Shown.Json(made[file.Name], home), Shown.Json(Encoding.UTF8.GetString(file.Content.Span), home)));
    }
}
