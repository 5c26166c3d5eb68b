using System.IO.Pipelines;
using System.Text;
using Amp.Execution;
using Amp.Messages;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.Text;

namespace Amp.Sdk.Tests.Execution;

/// <summary>What a CLI wrote last and what is read only after its end, as on a machine that is busy.</summary>
public sealed class LateOutputTests
{
    [Fact]
    public async Task What_is_read_late_is_not_lost_though_the_CLI_was_silent_for_long_before()
    {
        Pipe pipe = new();
        EventQueue events = new();
        using RunClock clock = new(null, null, [], _ => { });
        using OutputPump pump = new(
            pipe.Reader.AsStream(), new MessageParser(), 1000, events, clock, new SecretRedactor(new Dictionary<string, string>(), []), _ => { });
        Task reading = pump.RunAsync();
        await Task.Delay(1500, TestContext.Current.CancellationToken);

        Task drain = pump.DrainAsync(reading);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(FakeMessages.Result("done", 1, "T-1") + "\n"), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        await drain.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal("done", pump.Result?.Result);
    }

    [Fact]
    public async Task A_pipe_that_somebody_else_holds_open_is_given_up()
    {
        Pipe pipe = new();
        EventQueue events = new();
        using RunClock clock = new(null, null, [], _ => { });
        using OutputPump pump = new(
            pipe.Reader.AsStream(), new MessageParser(), 1000, events, clock, new SecretRedactor(new Dictionary<string, string>(), []), _ => { });
        Task reading = pump.RunAsync();
        await pump.DrainAsync(reading).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.True(reading.IsCompletedSuccessfully);
    }
}
