#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $noUnix = $IsWindows ? ' (not run: the stand-ins for schedulers are scripts of Unix)' : ''

    # The real cron, in a mount namespace of its own: it sees its own empty crontabs, and nothing of the machine's.
    $noCron = if (-not $IsLinux) {
        ' (not run: only Linux has mount namespaces)'
    } elseif (@('cron', 'crontab', 'unshare' | Where-Object { Get-Command $_ -CommandType Application -ErrorAction Ignore }).Count -lt 3) {
        ' (not run: cron is not installed)'
    } elseif ((& id -u) -ne '0') {
        ' (not run: cron starts commands for root alone)'
    } else {
        & unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /mnt' 2>$null
        $LASTEXITCODE ? ' (not run: this container may not mount anything)' : (Get-AmpTestGap MarchCli)
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    Import-Module $layout.Module
    $key = 'schedule-key-0123456789'

    # A name with everything that a crontab, a unit or a shell could take for something else.
    $hostile = 'ho me 100%h $HOME ''q'' "d" é日 #;&'

    # A user of the test's own, whose crontab is a file. No systemd of the user answers.
    function Open-ScheduleUser {
        $place = Open-AmpTestPlace
        $place.UserHome = Join-Path $place.Root $hostile
        $programs = Join-Path $place.Root 'programs'
        $null = New-Item -ItemType Directory $place.UserHome, $programs
        $crontab = Join-Path $place.Root 'crontab'
        Set-Content -LiteralPath (Join-Path $programs 'crontab') "#!/bin/sh
case `$1 in
  -l) cat '$crontab' 2>/dev/null || { echo 'no crontab for you' >&2; exit 1; } ;;
  -r) rm '$crontab' ;;
  -) if [ -f '$crontab.refuse' ]; then echo 'bad day-of-week' >&2; exit 1; fi; cat > '$crontab' ;;
esac"
        Set-Content -LiteralPath (Join-Path $programs 'systemctl') "#!/bin/sh`necho 'Failed to connect to bus' >&2; exit 1"
        & chmod +x (Join-Path $programs 'crontab') (Join-Path $programs 'systemctl')
        $variables = @{
            HOME = $place.UserHome
            PATH = "$programs$([System.IO.Path]::PathSeparator)$env:PATH"
            XDG_CONFIG_HOME = Join-Path $place.UserHome '.config'
            XDG_DATA_HOME = Join-Path $place.UserHome '.local/share'
            XDG_STATE_HOME = Join-Path $place.UserHome '.local/state'
            AMP_API_KEY = $null
        }
        $place | Add-Member Crontab $crontab
        $place | Add-Member Variables $variables
        $place | Add-Member Outer (Use-AmpTestVariable $variables)
        $place
    }

    function Close-ScheduleUser([pscustomobject] $Place) {
        $null = Use-AmpTestVariable $Place.Outer
        Close-AmpTestPlace $Place
    }

    # What a schedule has left, anywhere in the user's folders. The lock of all schedules stays.
    function Get-ScheduleFile {
        Get-ChildItem -LiteralPath $place.UserHome -Recurse -File -Force | Where-Object { $_.FullName -match 'schedule' -and $_.Name -ne '.lock' } | ForEach-Object FullName
    }

    function Wait-Run([string] $Name) {
        Wait-AmpTestCondition { $null -ne (Get-AmpSchedule $Name).LastResult } -Because "the run of $Name ends"
        Get-AmpSchedule $Name
    }

    # As a scheduler starts it.
    function Invoke-Runner([Amp.AmpSchedule] $Schedule, [hashtable] $Variable = @{}) {
        $before = Use-AmpTestVariable $Variable
        try {
            $null = & $layout.PowerShell -NoProfile -NonInteractive -File $Schedule.RunnerPath 2>&1
            $LASTEXITCODE
        } finally {
            $null = Use-AmpTestVariable $before
        }
    }
}

Describe "A schedule$noUnix" -Skip:([bool] $noUnix) {
    BeforeEach {
        $place = Open-ScheduleUser
        $script = Join-Path $place.Project 'a b 5%.ps1'
        Set-Content -LiteralPath $script 'param([string] $Who, [switch] $Loud, [switch] $Quiet, [int] $Number, [datetime] $When)
"$Who|$Loud|$Quiet|$Number|$($When.Year)|$PWD|$((Get-Module -ListAvailable Amp).Name)"; exit $Number'
    }

    AfterEach {
        Close-ScheduleUser $place
    }

    It 'is registered, completed, started and removed by the pipeline' {
        $values = @{ Who = "-x `$true 'q' `"d`" 5% é日"; Loud = $true; Quiet = $false; Number = 3; When = [datetime] '2026-02-03' }
        $schedule = Register-AmpSchedule nightly $script -Daily -At 3:10 -ScriptParameter $values -WorkingDirectory $place.Project -LogLimit 2 -ExecutionTimeLimit 0:30
        $schedule | Should -BeOfType Amp.AmpSchedule
        "$($schedule.Scheduler) $($schedule.State) $($schedule.Trigger) $($schedule.LogLimit) $($schedule.ExecutionTimeLimit)" | Should -Be 'Cron Ready Daily at 03:10 2 00:30:00'
        $schedule.NextRunTime.TimeOfDay | Should -Be ([timespan] '3:10')
        $schedule.LastRunTime, $schedule.LastResult, $schedule.LastExitCode | Should -Be $null, $null, $null
        @(Get-Content -LiteralPath $place.Crontab) | Should -HaveCount 2
        (Get-Content -LiteralPath $place.Crontab)[1] | Should -BeLike '10 3 `* `* `* *runner.ps1*'

        ([System.Management.Automation.CommandCompletion]::CompleteInput('Start-AmpSchedule nig', 21, $null).CompletionMatches).CompletionText | Should -Be 'nightly'
        Get-AmpSchedule | Start-AmpSchedule
        $ended = Wait-Run nightly
        "$($ended.LastResult) $($ended.LastExitCode)" | Should -Be 'Failed 3'
        $ended.LastDuration | Should -BeGreaterThan ([timespan] 0)
        Get-Content -LiteralPath $ended.LastLog | Should -Be "$($values.Who)|True|False|3|2026|$($place.Project)|Amp"
        (Get-Content -LiteralPath (Join-Path $ended.LogDirectory 'nightly.amp-schedule.log')) | Should -BeLike '* Failed, exit code 3, *'
        ($ended | Format-Table | Out-String) | Should -Match '(?m)^nightly +Ready +\d{4}-\d\d-\d\d \d\d:\d\d +Failed +3 +\d{4}-'
        ($ended | Format-List | Out-String -Width 300) | Should -Match 'Trigger +: Daily at 03:10'

        $null = Register-AmpSchedule weekly $script -Weekly -DaysOfWeek Monday, Friday -At 12:00
        (Get-AmpSchedule *ly).Name | Should -Be 'nightly', 'weekly'
        Get-AmpSchedule -Name night* | Unregister-AmpSchedule
        (Get-AmpSchedule).Name | Should -Be 'weekly'
        $ended.LastLog | Should -Exist
        Unregister-AmpSchedule weekly -RemoveLog
        $place.Crontab | Should -Not -Exist
        Get-ScheduleFile | Where-Object { $_ -notlike '*schedule-logs*' } | Should -BeNullOrEmpty
    }

    It 'starts when a UTC time is on the clock of the system' {
        # On a system in UTC, this shows only that such a time is accepted; TriggerTests has another time zone.
        $at = [datetime]::new(2026, 1, 15, 3, 10, 0, [System.DateTimeKind]::Utc)
        $zone = [Amp.AmpSchedule].Assembly.GetType('Amp.Schedules.SystemTimeZone').GetMethod('Find').Invoke($null, @())
        $there = [System.TimeZoneInfo]::ConvertTimeFromUtc($at, $zone).ToString('HH:mm', [cultureinfo]::InvariantCulture)
        "$((Register-AmpSchedule nightly $script -Daily -At $at).Trigger)" | Should -Be "Daily at $there"
    }

    It 'shows with -WhatIf what it would write and call, and does nothing' {
        $shell = Invoke-AmpTestShell $place -Variable $place.Variables "Register-AmpSchedule nightly { 'go' } -Every 0:15 -At 0:05 -ApiKeyName k -WhatIf -ErrorAction Continue
            Register-AmpSchedule nightly { 'go' } -Every 0:15 -At 0:05 -WhatIf"
        $shell.Error | Should -BeLike '*Get-Secret*'
        $shell.Output | Should -BeLike "What if: Register the schedule 'nightly' (Cron, Every 15 min from 00:05).*write *runner.ps1*Import-Module*write *script.ps1*'go'*write *schedule.json*run crontab -*5,20,35,50 `* `* `* `* *"
        Get-ScheduleFile | Should -BeNullOrEmpty
        $place.Crontab | Should -Not -Exist
    }

    It 'runs a script block, and is the same when it is registered again' {
        $first = Register-AmpSchedule block { param($Who) "hello $Who from $($MyInvocation.MyCommand.Name)" } -Daily -At 1:00 -ScriptParameter @{ Who = 'you' }
        $crontab = Get-Content -Raw -LiteralPath $place.Crontab
        $same = Register-AmpSchedule block { param($Who) "hello $Who from $($MyInvocation.MyCommand.Name)" } -Daily -At 1:00 -ScriptParameter @{ Who = 'you' } -Verbose 4>&1
        "$($same[-2])" | Should -BeLike '*already*'
        { Register-AmpSchedule block { 'other' } -Daily -At 1:00 } | Should -Throw -ErrorId 'ScheduleExists,*'
        Get-Content -Raw -LiteralPath $place.Crontab | Should -Be $crontab
        Invoke-Runner $first | Should -Be 0
        Get-Content -LiteralPath (Get-AmpSchedule block).LastLog | Should -Be 'hello you from script.ps1'

        $null = Register-AmpSchedule block $script -Daily -At 2:00 -Force
        $now = Get-AmpSchedule block
        $now.ScriptPath | Should -Be $script
        $now.LastResult | Should -Be 'Succeeded'
        Join-Path $now.Folder 'script.ps1' | Should -Not -Exist
        @(Get-Content -LiteralPath $place.Crontab) | Should -HaveCount 2
    }

    It 'gives the script its key from a vault, and nothing else' {
        $module = Join-Path $place.Root 'modules/Microsoft.PowerShell.SecretManagement'
        $null = New-Item -ItemType Directory $module
        # Stands in for SecretManagement, which comes from the PowerShell Gallery.
        Set-Content -LiteralPath (Join-Path $module 'Microsoft.PowerShell.SecretManagement.psm1') 'function Get-Secret { [CmdletBinding()] param($Name, $Vault)
            if ("$Vault/$Name" -ne "mine/AmpApiKey") { throw "There is no secret $Name." }
            if ($env:SECRET_OF_THE_TEST -eq "locked") { Start-Sleep -Seconds 10000 }
            ConvertTo-SecureString (vault-of-the-test) -AsPlainText -Force }'
        $program = (New-Item -Path (Join-Path $place.Root 'programs/vault-of-the-test') -Value "#!/bin/sh`necho `"`$SECRET_OF_THE_TEST`"`n").FullName
        & chmod +x $program
        $before = Use-AmpTestVariable @{ PSModulePath = "$(Split-Path $module)$([System.IO.Path]::PathSeparator)$env:PSModulePath"; SECRET_OF_THE_TEST = $key; AMP_API_KEY = 'of the session' }
        try {
            $schedule = Register-AmpSchedule keyed { "key $env:AMP_API_KEY"; exit ($env:AMP_API_KEY.Length) } -Daily -At 1:00 -ApiKeyName AmpApiKey -Vault mine -WarningVariable noted -WarningAction SilentlyContinue
            "$noted" | Should -Not -BeLike '*AMP_API_KEY*'
            $wrong = Register-AmpSchedule wrong { 'go' } -Daily -At 1:00 -ApiKeyName Other -Vault mine
            $locked = Register-AmpSchedule locked { 'go' } -Daily -At 1:00 -ApiKeyName AmpApiKey -Vault mine -ExecutionTimeLimit 0:00:03
        } finally {
            $null = Use-AmpTestVariable $before
            Remove-Module Microsoft.PowerShell.SecretManagement -ErrorAction Ignore
        }

        # A scheduler knows neither the modules nor the programs of the session.
        $bare = @{ PSModulePath = $null; PATH = $place.Outer.PATH; SECRET_OF_THE_TEST = $key }
        Invoke-Runner $schedule $bare | Should -Be $key.Length
        Get-Content -LiteralPath (Get-AmpSchedule keyed).LastLog | Should -Be 'key ***'
        Invoke-Runner $wrong $bare | Should -Be 78
        (Get-AmpSchedule wrong).LastResult | Should -Be 'NotStarted'
        Get-Content -Raw -LiteralPath (Get-AmpSchedule wrong).LastLog | Should -BeLike '*NotAuthenticated*There is no secret Other*'

        # The limit also counts while the vault is asked.
        $bare.SECRET_OF_THE_TEST = 'locked'
        Invoke-Runner $locked $bare | Should -Be 124
        (Get-AmpSchedule locked).LastResult | Should -Be 'TimedOut'
        Get-Content -Raw -LiteralPath (Get-AmpSchedule locked).LastLog | Should -Not -BeLike '*go*'

        # A function of the same name that is not in that module gets no name of a secret.
        function global:Get-Secret { throw 'asked' }
        $before = Use-AmpTestVariable @{ PSModulePath = $place.Project }
        try {
            { Register-AmpSchedule other { 'go' } -Daily -At 1:00 -ApiKeyName AmpApiKey } | Should -Throw '*SecretManagement*' -ErrorId 'InvalidOption,*'
        } finally {
            $null = Use-AmpTestVariable $before
            Remove-Item function:global:Get-Secret
        }

        Get-ChildItem -LiteralPath $place.Root -Recurse -File -Force | Where-Object { (Get-Content -Raw -LiteralPath $_.FullName) -like "*$key*" } | Should -BeNullOrEmpty
    }

    It 'refuses <Because> with <Id>, and leaves nothing' -ForEach @(
        @{ Because = 'a name with a path'; Id = 'InvalidOption'; With = @{ Name = '../x' } }
        @{ Because = 'a name with a line break'; Id = 'InvalidOption'; With = @{ Name = "a`nb" } }
        @{ Because = 'a name of a device'; Id = 'InvalidOption'; With = @{ Name = 'con' } }
        @{ Because = 'a script that is not there'; Id = 'InvalidOption'; With = @{ ScriptPath = './none.ps1' } }
        @{ Because = 'a script of another shell'; Id = 'InvalidOption'; With = @{ ScriptPath = '/bin/sh' } }
        @{ Because = 'a folder that is not there'; Id = 'InvalidOption'; With = @{ WorkingDirectory = './none' } }
        @{ Because = 'a limit of nothing'; Id = 'InvalidOption'; With = @{ ExecutionTimeLimit = [timespan] 0 } }
        @{ Because = 'a vault without a key'; Id = 'InvalidOption'; With = @{ Vault = 'mine' } }
        @{ Because = 'a file of variables that others read'; Id = 'InvalidOption'; With = @{ EnvironmentFile = './open.env' } }
        @{ Because = 'a secret as a parameter'; Id = 'InvalidOption'; With = @{ ScriptParameter = @{ Key = [securestring]::new() } } }
        @{ Because = 'a text as a parameter whose name is that of a secret'; Id = 'InvalidOption'; With = @{ ScriptParameter = @{ ApiKey = 'abc' } } }
        @{ Because = 'the access token as a parameter'; Id = 'InvalidOption'; With = @{ ScriptParameter = @{ Who = 'sgamp_user_0123456789' } } }
        @{ Because = 'an address with a password as a parameter'; Id = 'InvalidOption'; With = @{ ScriptParameter = @{ Who = 'https://me:pass@example.com' } } }
        @{ Because = 'a list as a parameter'; Id = 'InvalidOption'; With = @{ ScriptParameter = @{ Names = 'a', 'b' } } }
        @{ Because = 'a scheduler of another system'; Id = 'InvalidOption'; With = @{ Scheduler = 'TaskScheduler' } }
        @{ Because = 'what cron refuses'; Id = 'SchedulerFailed'; With = @{ Name = 'refused' } }
    ) {
        Set-Content -LiteralPath (Join-Path $place.Project 'open.env') "AMP_API_KEY=$key"
        if ($Id -eq 'SchedulerFailed') {
            Set-Content -LiteralPath "$($place.Crontab).refuse" ''
        }

        $call = @{ Name = 'nightly'; ScriptPath = $script; Daily = $true; At = '3:10' }
        $With.Keys | ForEach-Object { $call[$_] = $With[$_] }
        Push-Location -LiteralPath $place.Project
        try {
            { Register-AmpSchedule @call } | Should -Throw -ErrorId "$Id,*"
        } finally {
            Pop-Location
        }

        Get-ScheduleFile | Should -BeNullOrEmpty
        $place.Crontab | Should -Not -Exist
    }

    It 'says what cannot be kept or found' {
        { Register-AmpSchedule nightly { $using:x } -Daily -At 1:00 } | Should -Throw '*$using:x*' -ErrorId 'InvalidOption,*'
        { Register-AmpSchedule nightly $script -Every 0:07 } | Should -Throw -ErrorId 'InvalidOption,*'
        { Register-AmpSchedule nightly $script -Daily:$false -At 1:00 } | Should -Throw -ErrorId 'InvalidOption,*'
        foreach ($call in { Get-AmpSchedule none }, { Start-AmpSchedule none }, { Unregister-AmpSchedule none }) {
            $null = & { $ErrorActionPreference = 'SilentlyContinue'; & $call; $script:failure = $Error[0] }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ScheduleNotFound,*'
            $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $failure.TargetObject | Should -Be 'none'
        }

        Get-AmpSchedule n* | Should -BeNullOrEmpty
    }

    It 'tells in its log that its module is gone' {
        $schedule = Register-AmpSchedule nightly $script -Daily -At 1:00 -LogDirectory (Join-Path $place.Root 'logs')
        Invoke-Runner $schedule | Should -Be 0
        $before = Get-AmpSchedule nightly
        $before.LastResult | Should -Be 'Succeeded'
        (Get-Content -Raw -LiteralPath $schedule.RunnerPath).Replace('Amp.psd1', 'none.psd1') | Set-Content -LiteralPath $schedule.RunnerPath
        Invoke-Runner $schedule | Should -Be 78
        (Get-Content -LiteralPath (Join-Path $schedule.LogDirectory 'nightly.amp-schedule.log'))[-1] | Should -BeLike '*NotStarted*none.psd1*'
        $now = Get-AmpSchedule nightly
        $now.LastResult | Should -Be 'NotStarted'
        $now.LastRunTime | Should -BeGreaterThan $before.LastRunTime
        Get-Content -Raw -LiteralPath $now.LastLog | Should -BeLike '*none.psd1*'

        # Of its own files, nothing stays; of others, everything.
        $others = 'nightly.log', 'nightly-20260101T000000.log' | ForEach-Object { New-Item -ItemType File (Join-Path $schedule.LogDirectory $_) }
        Unregister-AmpSchedule nightly -RemoveLog
        (Get-ChildItem -LiteralPath $schedule.LogDirectory).Name | Sort-Object | Should -Be ($others.Name | Sort-Object)
    }

    It 'names the variables that differ from those it keeps, and those that it does not keep' {
        $call = @{ Name = 'nightly'; ScriptPath = $script; Daily = $true; At = '3:10'; WarningAction = 'SilentlyContinue'; WarningVariable = 'noted' }
        $before = Use-AmpTestVariable @{ AMP_API_KEY = $key; AMP_CLI_PATH = $null; AMP_URL = 'https://me:pass-of-url@example.com'; HTTPS_PROXY = 'http://me:pass-of-proxy@proxy:8080' }
        try {
            $schedule = Register-AmpSchedule @call
            $definition = Join-Path $schedule.Folder 'schedule.json'
            "$noted" | Should -BeLike '*AMP_API_KEY*-ApiKeyName*AMP_URL*HTTPS_PROXY*-EnvironmentFile*'
            "$noted $(Get-Content -LiteralPath $definition)" | Should -Not -Match "pass-of-|-Force|$key"

            $env:AMP_CLI_PATH = '/opt/path-of-cli'
            $null = Register-AmpSchedule @call
            "$noted" | Should -BeLike '*AMP_CLI_PATH*-Force*'
            "$noted $(Get-Content -LiteralPath $definition)" | Should -Not -BeLike '*path-of-cli*'
            $null = Register-AmpSchedule @call -Force
            "$noted" | Should -Not -BeLike '*AMP_CLI_PATH*'
            Get-Content -Raw -LiteralPath $definition | Should -BeLike '*path-of-cli*'

            # What the file has is not missing.
            $file = (New-Item -Path (Join-Path $place.Root 'url.env') -Value "AMP_URL=$env:AMP_URL`nAMP_API_KEY=$key").FullName
            & chmod 600 $file
            $null = Register-AmpSchedule @call -Force -EnvironmentFile $file
            "$noted" | Should -BeLike '*HTTPS_PROXY*'
            "$noted" | Should -Not -Match 'AMP_URL|AMP_API_KEY'
        } finally {
            $null = Use-AmpTestVariable $before
        }
    }

    It 'starts PowerShell by a name that an update keeps, and no proxy with a password' {
        $links = Join-Path $place.Root 'links'
        $null = New-Item -ItemType Directory $links
        $null = New-Item -ItemType SymbolicLink (Join-Path $links 'pwsh') -Target $layout.PowerShell
        $variables = $place.Variables.Clone()
        $variables.PATH = "$links$([System.IO.Path]::PathSeparator)$env:PATH"
        $variables.HTTPS_PROXY = 'me:pass-of-proxy@proxy:8080'
        $variables.HTTP_PROXY = 'http://proxy:8080'
        $shell = Invoke-AmpTestShell $place -Variable $variables "(Register-AmpSchedule nightly { 'go' } -Daily -At 1:00 -WarningAction SilentlyContinue).State; Get-Content -Raw (Join-Path (Get-AmpSchedule nightly).Folder schedule.json)"
        $shell.Output | Should -BeLike "Ready*$(Join-Path $links 'pwsh')*http://proxy:8080*"
        $shell.Output | Should -Not -BeLike '*pass-of-proxy*'
        Remove-Item -LiteralPath (Join-Path $links 'pwsh')
        (Get-AmpSchedule nightly).State | Should -Be 'Broken'
    }
}

Describe "The nightly example under the real cron$noCron" -Skip:([bool] $noCron) {
    It 'is started by cron at its time, and leaves its report, its log and its exit code' {
        $place = Open-AmpTestPlace
        try {
            $service = Open-AmpLocalService $place @{ unmatched = 'error'; rules = @(@{ when = @{ prompt = 'Report on 100% of the site' }; answer = 'The certificate ends in three days.' }) }
            $userHome = Join-Path $place.Root $hostile
            $null = New-Item -ItemType Directory $userHome
            $keyFile = Join-Path $place.Root 'key.env'
            Set-Content -LiteralPath $keyFile "AMP_API_KEY=$key"
            & chmod 600 $keyFile

            # Its own crontabs, no tasks of the system, and its own file that says which cron runs.
            Set-Content -LiteralPath (Join-Path $place.Root 'cron.sh') 'set -e
mount -t tmpfs tmpfs /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
mount -t tmpfs tmpfs /etc/cron.d
mount --bind /dev/null /etc/crontab
mount -t tmpfs tmpfs /run
cron -f &
cron=$!
trap "kill $cron" EXIT
"$@"'
            Set-Content -LiteralPath (Join-Path $place.Root 'in-cron.ps1') @'
$ErrorActionPreference = 'Stop'
Import-Module $env:TEST_MODULE
$parameters = @{ Prompt = 'Report on 100% of the site'; WorkingDirectory = $env:TEST_PROJECT; ReportFolder = $env:TEST_REPORTS; TimeoutSec = 300 }
# Again, if the registration took so long that its minute has begun.
do {
    $at = (Get-Date).AddSeconds(65)
    $at = $at.Date.AddMinutes([math]::Floor($at.TimeOfDay.TotalMinutes))
    $null = Register-AmpSchedule nightly $env:TEST_TASK -Daily -At $at -ScriptParameter $parameters -EnvironmentFile $env:TEST_KEYS -Scheduler Cron -ExecutionTimeLimit 0:10 -Force
} until ((Get-Date) -lt $at)
$crontab = crontab -l
# The time is a guard: the run starts at the next minute or the one after it.
$guard = [datetime]::Now.AddMinutes(5)
while ($null -eq (Get-AmpSchedule nightly).LastResult -and [datetime]::Now -lt $guard) {
    Start-Sleep -Milliseconds 500
}
$schedule = Get-AmpSchedule nightly
$log = $schedule.LastLog ? (Get-Content -Raw -LiteralPath $schedule.LastLog) : ''
Unregister-AmpSchedule nightly
[pscustomobject]@{ Result = "$($schedule.LastResult)"; ExitCode = $schedule.LastExitCode; Planned = $at; Start = $schedule.LastRunTime.LocalDateTime; Log = $log; Crontab = $crontab; Left = (crontab -l 2>&1 | Out-String) } | ConvertTo-Json
'@
            $variables = Use-AmpTestVariable @{
                HOME = $userHome
                XDG_CONFIG_HOME = $null
                XDG_DATA_HOME = $null
                XDG_STATE_HOME = $null
                XDG_CACHE_HOME = Join-Path $place.Root 'cache'
                AMP_CLI_PATH = $layout.MarchCli
                AMP_URL = $service.Url
                TEST_MODULE = $layout.Module
                TEST_PROJECT = $place.Project
                TEST_REPORTS = Join-Path $place.Root 'reports'
                TEST_TASK = Join-Path $layout.Root 'examples/nightly-task/nightly-task.ps1'
                TEST_KEYS = $keyFile
            }
            try {
                $output = & unshare --mount --propagation private sh (Join-Path $place.Root 'cron.sh') $layout.PowerShell -NoProfile -NonInteractive -File (Join-Path $place.Root 'in-cron.ps1') 2>&1 | Out-String
            } finally {
                $null = Use-AmpTestVariable $variables
            }

            $ran = $output | ConvertFrom-Json
            "$($ran.Result) $($ran.ExitCode)" | Should -Be 'Succeeded 0' -Because $output
            $ran.Start | Should -Not -BeLessThan $ran.Planned
            $ran.Crontab[1] | Should -BeLike '*100\%h*'
            "$($ran.Crontab)" | Should -Not -BeLike "*$key*"
            $ran.Left | Should -BeLike '*no crontab for root*'
            Get-Content -Raw (Join-Path $place.Root 'reports/nightly-*.md') | Should -Match '(?m)^The certificate ends in three days\.$'
            Get-ChildItem -LiteralPath $userHome -Recurse -File -Force | Where-Object { $_.FullName -match '/schedules/' -and $_.Name -ne '.lock' } | Should -BeNullOrEmpty
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
