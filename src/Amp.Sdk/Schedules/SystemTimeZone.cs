namespace Amp.Schedules;

/// <summary>
/// The time zone of the system, in which schedulers start. The local time zone of this process can be another one, because of the variable <c>TZ</c>,
/// which no scheduler sees.
/// </summary>
internal static class SystemTimeZone
{
    private const string Link = "/etc/localtime";
    private const string Folder = "zoneinfo/";
    private const int DaysOfYear = 366;

    /// <summary>Gets the time zone. If the system does not tell it, the local one.</summary>
    public static TimeZoneInfo Find() => OperatingSystem.IsWindows() ? TimeZoneInfo.Local : Of(Link) ?? TimeZoneInfo.Local;

    /// <summary>Gets the time zone to which a link leads; null if it is none. A link that is not there is UTC, as for the C library.</summary>
    public static TimeZoneInfo? Of(string link)
    {
        try
        {
            if (!File.Exists(link))
            {
                return TimeZoneInfo.Utc;
            }

            string target = File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName ?? string.Empty;
            int folder = target.LastIndexOf(Folder, StringComparison.Ordinal);
            return folder < 0 ? null : TimeZoneInfo.FindSystemTimeZoneById(target[(folder + Folder.Length)..]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            return null;
        }
    }

    /// <summary>Gets the time of day in a time zone. A UTC time, such as one from JSON, is converted; any other time is already that of the zone.</summary>
    public static TimeOnly TimeOfDay(DateTime time, TimeZoneInfo zone) =>
        TimeOnly.FromDateTime(time.Kind == DateTimeKind.Utc ? TimeZoneInfo.ConvertTimeFromUtc(time, zone) : time);

    /// <summary>Says that a schedule starts by another time zone than this process's; null if the two are the same during the next year.</summary>
    public static string? Note(TimeZoneInfo local, TimeZoneInfo system, DateTimeOffset now) =>
        Enumerable.Range(0, DaysOfYear).All(day => local.GetUtcOffset(now.AddDays(day)) == system.GetUtcOffset(now.AddDays(day)))
            ? null
            : $"The times of the schedule are in the time zone of the system, {system.Id}. This session uses another time zone, {local.Id}.";
}
