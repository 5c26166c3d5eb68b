using System.Runtime.InteropServices;
using Amp.LocalService;
using Amp.LocalService.CommandLine;

const int Failed = 1;
const int BadArguments = 2;

ServiceArguments arguments;
try
{
    arguments = ServiceArguments.Parse(args);
}
catch (Exception exception) when (exception is ArgumentException or FormatException)
{
    await Console.Error.WriteLineAsync($"Amp.LocalService: {exception.Message}\nTry Amp.LocalService --help");
    return BadArguments;
}

if (arguments.IsHelp)
{
    Console.WriteLine(ServiceArguments.Help);
    return 0;
}

using var ending = new CancellationTokenSource();
void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ending.Cancel();
}

using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

try
{
    LocalServiceOptions options = arguments.Options with { Log = arguments.IsVerbose ? Console.Error.WriteLine : null };
    await using LocalAmpService service = await LocalAmpService.StartAsync(options, ending.Token);
    Console.WriteLine(service.Url);
    await (arguments.ParentProcessId is { } processId
        ? ParentProcess.WaitUntilGoneAsync(processId, ending.Token)
        : Task.Delay(Timeout.InfiniteTimeSpan, ending.Token));
}
catch (OperationCanceledException) when (ending.IsCancellationRequested)
{
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"Amp.LocalService: {exception.Message}");
    return Failed;
}

return 0;
