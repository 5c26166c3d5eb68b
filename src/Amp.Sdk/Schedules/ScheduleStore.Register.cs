using System.Text;
using Amp.Files;

namespace Amp.Schedules;

/// <content>Registers a schedule completely or not at all.</content>
internal sealed partial class ScheduleStore
{
    /// <summary>Registers a schedule.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="parts">The files of its folder, by name.</param>
    /// <param name="replace">Whether another schedule of this name is replaced.</param>
    /// <param name="cancellationToken">Cancels the registration, which leaves nothing behind.</param>
    /// <returns>False if the same schedule was registered already, and nothing was changed.</returns>
    /// <exception cref="AmpException">It exists, or cannot be registered. Everything is as before.</exception>
    public async Task<bool> RegisterAsync(
        ScheduleDefinition definition, IReadOnlyDictionary<string, string> parts, bool replace, CancellationToken cancellationToken)
    {
        Scheduler scheduler = Of(definition.Scheduler);
        SchedulerPlan plan = scheduler.Plan(definition);
        definition = definition with { SchedulerFiles = [.. plan.Files.Select(file => file.Path)] };
        try
        {
            // It stays, with its lock.
            new FolderChange().MakeFolder(Root, isPrivate: true);
            using FileStream owned = await ReserveAsync(cancellationToken).ConfigureAwait(false);
            ScheduleDefinition? existing = Find(definition.Name);
            if (existing is not null && !replace && IsSame(existing, definition, parts, plan) && await scheduler.IsCurrentAsync(existing, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            RefuseExisting(definition, existing, replace);
            using FileStream? running = existing is null ? null : await HoldRunsAsync(existing.Name, cancellationToken).ConfigureAwait(false);
            if (await scheduler.IsForeignAsync(definition, cancellationToken).ConfigureAwait(false))
            {
                throw Foreign(definition.Name, $"A task '{definition.Name}'");
            }

            foreach (SchedulerFile file in plan.Files)
            {
                RefuseForeign(file.Path, definition.Name);
            }

            FolderChange change = new();
            try
            {
                await WriteAsync(definition, parts, plan, scheduler, existing, change, cancellationToken).ConfigureAwait(false);
                change.Keep();
            }
            finally
            {
                change.Undo();
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException(
                $"The schedule '{definition.Name}' could not be written: {exception.Message}", AmpErrorId.SchedulerFailed, "Check your permissions for the folder. Nothing was left behind.", exception)
            {
                ScheduleName = definition.Name,
            };
        }
    }

    private static void RefuseExisting(ScheduleDefinition definition, ScheduleDefinition? existing, bool replace)
    {
        if (existing is not null && existing.Name != definition.Name)
        {
            throw new AmpScheduleException(
                $"The schedule '{existing.Name}' already exists, and its name differs only in case.", AmpErrorId.ScheduleExists, "Use the same name, or remove that schedule.") { ScheduleName = existing.Name };
        }

        if (existing is not null && !replace)
        {
            throw new AmpScheduleException(
                $"The schedule '{existing.Name}' already exists. It is different from this one, or was changed in the scheduler.", AmpErrorId.ScheduleExists, "Choose another name, or replace it.") { ScheduleName = existing.Name };
        }
    }

    // The variables of a session change from one to the next.
    private bool IsSame(ScheduleDefinition existing, ScheduleDefinition definition, IReadOnlyDictionary<string, string> parts, SchedulerPlan plan) =>
        (existing with { Variables = definition.Variables }).ToJson() == definition.ToJson()
        && parts.All(part => Path.Combine(FolderOf(definition.Name), part.Key) is string path && BoundedFile.IsThere(path) && BoundedFile.ReadText(path) == part.Value)
        && plan.Files.All(file => BoundedFile.IsThere(file.Path) && BoundedFile.Read(file.Path).AsSpan().SequenceEqual(file.ToBytes()));

    private async Task WriteAsync(
        ScheduleDefinition definition,
        IReadOnlyDictionary<string, string> parts,
        SchedulerPlan plan,
        Scheduler scheduler,
        ScheduleDefinition? existing,
        FolderChange change,
        CancellationToken cancellationToken)
    {
        WriteFiles(definition, parts, plan, change);
        bool isOther = existing is not null && existing.Scheduler != definition.Scheduler;
        try
        {
            await scheduler.RegisterAsync(definition, cancellationToken).ConfigureAwait(false);
            if (isOther)
            {
                await RemoveOtherAsync(existing!, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is AmpException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            await GoBackAsync(definition, scheduler, existing, change).ConfigureAwait(false);
            throw;
        }
    }

    private void WriteFiles(ScheduleDefinition definition, IReadOnlyDictionary<string, string> parts, SchedulerPlan plan, FolderChange change)
    {
        string folder = FolderOf(definition.Name);
        change.MakeFolder(folder, isPrivate: true);
        if (!BoundedFile.IsThere(Path.Combine(folder, RunLockName)))
        {
            change.Write(Path.Combine(folder, RunLockName), [], WholeFile.OwnerOnly);
        }

        foreach ((string name, string content) in parts)
        {
            change.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(content), WholeFile.OwnerOnly);
        }

        if (!parts.ContainsKey(ScriptName))
        {
            change.Delete(Path.Combine(folder, ScriptName));
        }

        foreach (SchedulerFile file in plan.Files)
        {
            change.MakeFolder(Path.GetDirectoryName(file.Path)!, isPrivate: false);
            change.Write(file.Path, file.ToBytes(), null);
        }

        change.Write(Path.Combine(folder, DefinitionName), Encoding.UTF8.GetBytes(definition.ToJson()), WholeFile.OwnerOnly);
    }

    // The previous registration replaces this one; without one, this one is removed.
    private async Task GoBackAsync(ScheduleDefinition definition, Scheduler scheduler, ScheduleDefinition? existing, FolderChange change)
    {
        bool isNew = existing is null || existing.Scheduler != definition.Scheduler;
        if (isNew)
        {
            await TryAsync(() => scheduler.UnregisterAsync(definition, CancellationToken.None)).ConfigureAwait(false);
        }

        change.Undo();
        if (isNew)
        {
            await TryAsync(() => scheduler.ForgetAsync(definition, CancellationToken.None)).ConfigureAwait(false);
        }

        if (existing is not null)
        {
            await TryAsync(() => Of(existing.Scheduler).RegisterAsync(existing, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    private async Task RemoveOtherAsync(ScheduleDefinition existing, CancellationToken cancellationToken)
    {
        Scheduler other = Of(existing.Scheduler);
        await other.UnregisterAsync(existing, cancellationToken).ConfigureAwait(false);
        foreach (string file in existing.SchedulerFiles.Where(file => BoundedFile.IsThere(file) && ContainsMark(file, existing.Name)))
        {
            File.Delete(file);
        }

        await TryAsync(() => other.ForgetAsync(existing, CancellationToken.None)).ConfigureAwait(false);
    }
}
