using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Amp.PowerShell.Tests.Support;

namespace Amp.PowerShell.Tests.Runspaces;

/// <summary>Runs side by side in one process.</summary>
public sealed class ManyRunspacesTests
{
    private const int Count = 12;

    [Fact]
    public async Task A_pool_of_runspaces_gives_each_caller_its_own_messages()
    {
        using Place place = new(script => script.Echo());
        using RunspacePool pool = RunspaceFactory.CreateRunspacePool(Hosted.State());
        pool.SetMaxRunspaces(4);
        pool.Open();
        string[] results = await Task.WhenAll(Enumerable.Range(0, Count).Select(async number =>
        {
            using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
            shell.RunspacePool = pool;
            shell.AddScript("param($call, $value) Invoke-AmpAgent $value @call").AddArgument(place.Call).AddArgument($"number {number}");
            PSDataCollection<PSObject> messages = await shell.InvokeAsync().OrHangAsync();
            Assert.Empty(shell.Streams.Error);
            Assert.Single(messages.Select(message => (string)message.Property("ThreadId")!).Distinct());
            return (string)messages[^1].Property("Result")!;
        }));

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"Echo: number {number}"), results);
        Assert.Equal(Count, place.Runs.Select(run => run.SessionId).Distinct().Count());
    }

    [Fact]
    public async Task Parallel_blocks_give_each_prompt_its_answer()
    {
        using Place place = new(script => script.Echo());
        HostedOutcome outcome = await Hosted.RunAsync(
            $"1..{Count} | ForEach-Object -ThrottleLimit 4 -Parallel {{ Import-Module $using:value; $call = $using:call; Invoke-AmpAgent \"number $_\" @call -ResultOnly }}",
            place,
            Hosted.Manifest);

        Assert.Empty(outcome.Errors);
        Assert.Equal(
            Enumerable.Range(1, Count).Select(number => $"Echo: number {number}").Order(StringComparer.Ordinal),
            outcome.Output.Select(result => (string)result.Property("Result")!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_handler_of_an_event_may_start_a_run_while_another_one_works()
    {
        using Place place = new(script => script.Echo());
        HostedOutcome outcome = await Hosted.RunAsync(
            """
            $timer = [System.Timers.Timer]::new(10)
            $timer.AutoReset = $false
            $handler = Register-ObjectEvent $timer Elapsed -MessageData $call -Action {
                $own = $event.MessageData
                Invoke-AmpAgent 'from the handler' @own -ResultOnly
            }
            $timer.Start()
            Invoke-AmpAgent 'from the script' @call -ResultOnly
            while ($handler.State -ne 'Running' -and -not $handler.HasMoreData) { Start-Sleep -Milliseconds 20 }
            do { $answer = Receive-Job $handler -Keep; Start-Sleep -Milliseconds 20 } until ($answer)
            $answer
            Unregister-Event $handler.Name
            """,
            place);

        Assert.Empty(outcome.Errors);
        Assert.Equal(["Echo: from the script", "Echo: from the handler"], outcome.Output.Select(result => (string)result.Property("Result")!));
    }

    [Fact]
    public async Task A_session_of_one_runspace_answers_in_another()
    {
        using Place place = new(script => script.Turns());
        using Runspace first = Hosted.Open();
        using System.Management.Automation.PowerShell opening = Hosted.Script(first, "New-AmpSession @call", place);
        PSObject session = Assert.Single(await opening.InvokeAsync().OrHangAsync());

        HostedOutcome outcome = await Hosted.RunAsync("Send-AmpMessage $value one; Remove-AmpSession $value", place, session);

        Assert.Empty(outcome.Errors);
        Assert.Contains(outcome.Output, message => message.TypeName() == "Amp.AssistantMessage");
        await place.AllGoneAsync();
    }
}
