using System.Text;
using Amp.Budgets;
using Amp.Messages;
using Amp.Permissions;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Budgets;

/// <summary>A budget of several runs, in one process and in a file.</summary>
public sealed class SharedBudgetTests : IDisposable
{
    private const int Runs = 8;
    private const int PerAnswer = 30;

    private readonly PrivateHome _home = new();

    private string File_ => Path.Combine(_home.Root, "budget.json");

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_most_one_answer_of_each_run_under_way_goes_beyond_the_limit(bool isFile)
    {
        const int Limit = 20 * PerAnswer;
        byte[] line = Encoding.UTF8.GetBytes(BudgetLines.Call);
        AmpBudget first = isFile ? AmpBudget.Open(File_, tokenLimit: Limit) : new(tokenLimit: Limit);
        int[] answers = await Task.WhenAll(Enumerable.Range(0, Runs).Select(_ => Task.Run(() =>
        {
            // Of a file each has an object of its own, as other processes do.
            BudgetMeter meter = new(own: null, isFile ? AmpBudget.Open(File_) : first, allowsUnknown: false, warn: _ => { });
            RunTally tally = new(RejectMessages.None);
            MessageParser parser = new(tally);
            int count = 1;
            while (!meter.Note((AssistantMessage)parser.Parse(line), tally.Step))
            {
                count++;
            }

            return count;
        })));
        Assert.Equal(answers.Sum() * PerAnswer, first.TokensUsed);
        Assert.Equal(answers.Sum(), first.TurnsUsed);
        Assert.InRange(first.TokensUsed, Limit, Limit + ((Runs - 1) * PerAnswer));
        Assert.True(first.IsReached);
    }

    [Fact]
    public async Task All_runs_under_way_are_ended_and_no_other_begins()
    {
        AmpBudget budget = new(tokenLimit: 10 * PerAnswer);
        FakeRun[] runs = [.. Enumerable.Range(0, Runs).Select(_ => new FakeRun(
            new FakeCliScript().EndPolitely().Init().Repeat(20, step => step.Out(BudgetLines.Call)).Hang()))];
        try
        {
            RunOutcome[] outcomes = await Task.WhenAll(runs.Select(run =>
            {
                run.Options = run.Options with { Budget = budget };
                return run.RunAsync();
            }));
            Assert.All(outcomes, outcome => outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached));
            Assert.True(budget.IsReached);
            Assert.DoesNotContain(runs.SelectMany(run => run.Processes()), ProcessProbe.IsRunning);
        }
        finally
        {
            Array.ForEach(runs, run => run.Dispose());
        }
    }

    [Fact]
    public void The_counts_of_a_file_go_on_and_its_limits_hold()
    {
        AmpBudget first = AmpBudget.Open(File_, tokenLimit: 1000, costLimit: 5.25m);
        first.Add(new BudgetCounts(100, 1, 2, 0.5m));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File_));
        }

        AmpBudget second = AmpBudget.Open(File_);
        Assert.Equal((1000, 100, 1, 2, 5.25m, 0.5m), (second.TokenLimit, second.TokensUsed, second.TurnsUsed, second.ToolUsesUsed, second.CostLimit, second.CostUsed));
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => AmpBudget.Open(File_, tokenLimit: 2000));
        Assert.Contains("1,000 tokens, $5.25, not 2,000 tokens", error.Message, StringComparison.Ordinal);

        AmpBudget.Open(File_, tokenLimit: 2000, replacesLimits: true).Add(new BudgetCounts(50, 0, 0, 0));
        Assert.Equal((2000, 150, null), (first.TokenLimit, first.TokensUsed, first.CostLimit));
        Assert.Equal("150 of 2,000 tokens", first.ToString());
        second.Reset();
        Assert.Equal(0, first.TokensUsed);
        Assert.Equal([File_], Directory.GetFiles(_home.Root, "budget*"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"kind":"amp-budget","version":2,"limits":{"tokens":1},"used":{"tokens":0,"turns":0,"toolUses":0,"cost":0}}""")]
    [InlineData("""{"kind":"amp-budget","version":1,"limits":{"tokens":10},"used":{"tokens":-5,"turns":0,"toolUses":0,"cost":0}}""")]
    [InlineData("""{"kind":"amp-budget","version":1,"limits":{"tokens":10},"used":{"tokens":1e99,"turns":0,"toolUses":0,"cost":0}}""")]
    [InlineData("""{"kind":"amp-budget","version":1,"limits":{"tokens":0},"used":{"tokens":0,"turns":0,"toolUses":0,"cost":0}}""")]
    [InlineData("""{"kind":"amp-budget","version":1,"limits":{},"used":{"tokens":0,"turns":0,"toolUses":0,"cost":0}}""")]
    [InlineData("""{"kind":"amp-budget","version":1,"limits":{"tokens":10},"used":{"tokens":0}}""")]
    public void What_is_no_budget_is_refused_and_stays_as_it_is(string content)
    {
        File.WriteAllText(File_, content);
        Refused();
        Assert.Equal(content, File.ReadAllText(File_));
    }

    [Fact]
    public void A_folder_a_link_and_the_file_of_another_user_are_refused()
    {
        Directory.CreateDirectory(File_);
        Assert.Contains("it is a folder", Refused(), StringComparison.Ordinal);
        Directory.Delete(File_);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        string real = Path.Combine(_home.Root, "real.json");
        _ = AmpBudget.Open(real, tokenLimit: 10);
        File.CreateSymbolicLink(File_, real);
        Assert.Contains("it is a link", Refused(), StringComparison.Ordinal);
        File.Delete(File_);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can give a file away.");
        using System.Diagnostics.Process chown = System.Diagnostics.Process.Start("chown", ["12345", real]);
        chown.WaitForExit();
        File.Move(real, File_);
        Assert.Contains("it belongs to another user", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_limit_there_is_no_budget()
    {
        Assert.Throws<AmpValidationException>(() => new AmpBudget());
        Assert.Throws<AmpValidationException>(() => AmpBudget.Open(File_));
        Assert.Throws<AmpValidationException>(() => new AmpBudget(costLimit: 0));
        Assert.False(File.Exists(File_));
    }

    [Fact]
    public async Task A_file_that_breaks_during_a_run_counts_as_reached_and_no_run_begins_with_it()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Out(BudgetLines.Call).WaitFor(run.Mark("go")).Out(BudgetLines.Call).Hang());
        AmpBudget budget = AmpBudget.Open(File_, tokenLimit: 10_000);
        run.Options = run.Options with { Budget = budget };
        AmpBudgetException error = await Assert.ThrowsAsync<AmpBudgetException>(async () =>
        {
            await foreach (StreamMessage message in run.ExecuteAsync())
            {
                if (message is AssistantMessage && !File.Exists(run.Mark("go")))
                {
                    File.WriteAllText(File_, "broken");
                    File.WriteAllText(run.Mark("go"), string.Empty);
                }
            }
        });
        Assert.Contains(File_, error.Message, StringComparison.Ordinal);
        Assert.True(budget.IsReached);
        run.NothingIsLeft();
        int starts = FakeCliRecord.ReadAll(run.Log).Count;
        Assert.Contains(File_, (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption).Message, StringComparison.Ordinal);
        File.Delete(File_);
        (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal(starts, FakeCliRecord.ReadAll(run.Log).Count);
    }

    [Fact]
    public async Task Usage_that_cannot_be_written_counts_as_reached_until_it_is_written()
    {
        AmpBudget budget = AmpBudget.Open(File_, tokenLimit: 100);
        string before = await File.ReadAllTextAsync(File_, TestContext.Current.CancellationToken);

        // A folder in the place of the new file, which not even root can write. It is old, so that nobody waits for its removal.
        string place = Directory.CreateDirectory(File_ + ".amp-sdk-new").FullName;
        Directory.SetLastWriteTimeUtc(place, DateTime.UtcNow.AddHours(-1));
        Assert.NotNull(budget.Add(new BudgetCounts(30, 1, 0, 0)).Fault);
        Assert.NotNull(budget.Add(new BudgetCounts(30, 1, 0, 0)).Fault);
        Assert.Equal((true, 60, 2), (budget.IsReached, budget.TokensUsed, budget.TurnsUsed));
        Assert.Throws<AmpValidationException>(() => BudgetMeter.Refusal([budget], threadId: null, "Nothing was started."));
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        run.Options = run.Options with { Budget = budget };
        Assert.Contains(File_, (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption).Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(File_, TestContext.Current.CancellationToken));

        // Whoever looks at it writes nothing; who starts a run does.
        Directory.Delete(place);
        Assert.Equal((true, 60, 2), (budget.IsReached, budget.TokensUsed, budget.TurnsUsed));
        Assert.Equal(0, AmpBudget.Open(File_).TokensUsed);
        Assert.Null(BudgetMeter.Refusal([budget], threadId: null, "Nothing was started."));
        Assert.Equal((false, 60, 2), (budget.IsReached, budget.TokensUsed, budget.TurnsUsed));
        Assert.Equal(60, AmpBudget.Open(File_).TokensUsed);
        Assert.True(budget.Add(new BudgetCounts(40, 1, 0, 0)).IsReached);
        Assert.Equal(100, AmpBudget.Open(File_).TokensUsed);
    }

    [Fact]
    public void A_reset_also_removes_what_could_not_be_written()
    {
        AmpBudget budget = AmpBudget.Open(File_, tokenLimit: 100);
        File.Move(File_, File_ + ".elsewhere");
        Assert.NotNull(budget.Add(new BudgetCounts(60, 1, 0, 0)).Fault);
        File.Move(File_ + ".elsewhere", File_);
        budget.Reset();
        Assert.Equal((false, 0), (budget.IsReached, budget.TokensUsed));
    }

    private string Refused()
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => AmpBudget.Open(File_, tokenLimit: 10));
        Assert.Contains(File_, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
        Assert.Throws<AmpValidationException>(() => AmpBudget.Open(File_, tokenLimit: 10, replacesLimits: true));
        return error.Message;
    }
}
