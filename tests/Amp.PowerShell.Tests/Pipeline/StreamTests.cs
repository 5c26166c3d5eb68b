using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Amp.PowerShell.Tests.Support;
using Amp.Testing;

namespace Amp.PowerShell.Tests.Pipeline;

/// <summary>What comes on which stream, and in which order.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task Messages_warnings_and_errors_keep_their_order()
    {
        using Place place = new(script => script.Init().Assistant("one").Out("no message at all").Assistant("two").Out("{\"type\":\"assis").Assistant("three").Result("done"));
        HostedOutcome outcome = await Hosted.RunAsync("Invoke-AmpAgent go @call *>&1", place);

        Assert.Equal(
            ["SystemMessage", "AssistantMessage", "WarningRecord", "AssistantMessage", "ErrorRecord", "AssistantMessage", "ResultMessage"],
            outcome.Output.Select(item => item.BaseObject.GetType().Name).Where(name => name is not ("VerboseRecord" or "InformationRecord")));
    }

    [Fact]
    public async Task A_message_is_there_before_the_next_one_is_written()
    {
        using Place place = new();
        string goOn = place.File("go-on");
        place.Follow(new FakeCliScript().Init().Assistant("first").WaitFor(goOn).Result("done"));

        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = Hosted.Script(runspace, "Invoke-AmpAgent go @call", place);
        using PSDataCollection<PSObject> output = [];
        Task run = shell.InvokeAsync<PSObject, PSObject>(null, output);
        Assert.True(await Eventually.IsTrueAsync(() => output.Count == 2, Hosted.HangLimit), "two messages while the CLI waits");
        Assert.False(run.IsCompleted);
        await File.WriteAllTextAsync(goOn, string.Empty, CancellationToken.None);
        await run.OrHangAsync();

        Assert.Equal("done", output[^1].Property("Result"));
    }

    [Fact]
    public async Task Nothing_of_a_hundred_runs_stays_in_memory()
    {
        using Place place = new(script => script.Echo());
        using Runspace runspace = Hosted.Open();
        List<WeakReference> messages = [];
        for (int run = 0; run < 100; run++)
        {
            messages.AddRange(await RunAsync(runspace, place));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // The last pipeline's objects may still lie in a register or a variable of PowerShell's own.
        Assert.True(messages.Count >= 300);
        Assert.InRange(messages.Count(message => message.IsAlive), 0, messages.Count / 20);
    }

    private static async Task<List<WeakReference>> RunAsync(Runspace runspace, Place place)
    {
        using System.Management.Automation.PowerShell shell = Hosted.Script(runspace, "Invoke-AmpAgent go @call", place);
        using PSDataCollection<PSObject> output = await shell.InvokeAsync().OrHangAsync();
        return [.. output.Select(message => new WeakReference(message.BaseObject))];
    }
}
