using System.IO.Pipes;
using System.Text;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Microsoft.Win32.SafeHandles;

namespace Amp.Sdk.Tests.Processes;

/// <summary>How a thread waits for what comes through a pipe, and how it is let go.</summary>
public sealed class ByteSourceTests : IDisposable
{
    private readonly AnonymousPipeServerStream _writer = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream _reader;
    private readonly byte[] _buffer = new byte[100];

    public ByteSourceTests() => _reader = new AnonymousPipeClientStream(PipeDirection.In, _writer.ClientSafePipeHandle);

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }

    [Fact]
    public async Task A_reading_waits_for_what_is_written_and_then_for_the_end()
    {
        using ByteSource source = ByteSource.Of(_reader);
        Task<int> reading = ReadAsync(source);
        Assert.False(reading.IsCompleted);
        _writer.Write("abc"u8);
        Assert.Equal(3, await reading.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.Equal("abc", Encoding.UTF8.GetString(_buffer, 0, 3));

        Task<int> end = ReadAsync(source);
        _writer.Dispose();
        Assert.Equal(0, await end.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reading_that_is_given_up_ends_though_the_pipe_stays_open()
    {
        using ByteSource source = ByteSource.Of(_reader);
        Task<int> reading = ReadAsync(source);
        source.GiveUp();
        Assert.Equal(0, await reading.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.Equal(0, await ReadAsync(source).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_pipe_that_is_closed_under_a_reading_ends_it()
    {
        using ByteSource source = ByteSource.Of(_reader);
        Task<int> reading = ReadAsync(source);
        _reader.Dispose();
        Assert.Equal(0, await reading.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stream_is_closed_though_a_reading_of_it_goes_on()
    {
        // What the output of a child process is on Windows. To dispose it asynchronously waits for the reading.
        CancellationToken token = TestContext.Current.CancellationToken;
        FileStream stream = new(new SafeFileHandle(_reader.SafePipeHandle.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, 4096, isAsync: false);
        Task<int> reading = stream.ReadAsync(_buffer, token).AsTask();
        await Task.Run(() => ChildProcess.Close(stream), token).WaitAsync(FakeRun.HangLimit, token);

        // Its handle is in use until the reading ends.
        _writer.Dispose();
        Assert.True(await Record.ExceptionAsync(() => reading.WaitAsync(FakeRun.HangLimit, token)) is null or ObjectDisposedException);
        Assert.False(stream.CanRead);
    }

    [Fact]
    public void Whether_there_is_more_is_known_without_waiting()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A pipe of Windows does not tell.");
        using ByteSource source = ByteSource.Of(_reader);
        Assert.IsType<PolledPipe>(source);
        Assert.False(source.HasMore);
        _writer.Write("abcdef"u8);
        Assert.True(source.HasMore);
        Assert.Equal(4, source.Read(_buffer.AsMemory(0, 4)));
        Assert.True(source.HasMore);
        Assert.Equal(2, source.Read(_buffer));
        Assert.False(source.HasMore);
        _writer.Dispose();
        Assert.True(source.HasMore);
        Assert.Equal(0, source.Read(_buffer));
    }

    [Fact]
    public async Task What_nobody_has_read_yet_keeps_its_writer_waiting_only_from_a_quarter_of_a_megabyte_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can the room in a pipe be chosen.");
        using ByteSource source = ByteSource.Of(_reader);
        await Task.Run(() => _writer.Write(new byte[256 * 1024]), TestContext.Current.CancellationToken)
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.True(source.HasMore);
    }

    [Fact]
    public async Task Streams_of_other_kinds_are_read_and_given_up_too()
    {
        System.IO.Pipelines.Pipe pipe = new();
        using ByteSource source = ByteSource.Of(pipe.Reader.AsStream());
        Task<int> reading = ReadAsync(source);
        await pipe.Writer.WriteAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(3, await reading.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));

        Task<int> silent = ReadAsync(source);
        source.GiveUp();
        Assert.Equal(0, await silent.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    private Task<int> ReadAsync(ByteSource source) =>
        Task.Factory.StartNew(() => source.Read(_buffer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
