using Amp.PowerShell.Pipeline;
using Amp.Schedules;

namespace Amp.PowerShell.Commands;

/// <summary>The base class of cmdlets for schedules.</summary>
public abstract class ScheduleCmdlet : AmpCmdlet
{
    private ScheduleStore? _store;

    /// <summary>The schedules of the user.</summary>
    /// <exception cref="AmpException">The user has no home folder.</exception>
    private protected ScheduleStore Store => _store ??= new ScheduleStore();

    /// <summary>Does work for one schedule. A failure becomes an error for it.</summary>
    private protected bool TryFor<T>(string name, Func<ScheduleStore, CancellationToken, Task<T>> work, out T? result) =>
        TryWork(() => work(Store, StopToken).GetAwaiter().GetResult(), out result, name);
}
