# As the module SecretManagement gives it.
$secretManagement = {
    New-Module Microsoft.PowerShell.SecretManagement { function Get-Secret { [System.Net.NetworkCredential]::new('', 'local-key-0123456789').SecurePassword } } | Import-Module -Global
}

# Somebody whose CLI is logged in; a session with a key is told that a schedule does not keep it.
$login = { $env:AMP_API_KEY = $null }

# What has to be there before the examples of a page, or before one of them.
$preparations = @{
    'about_Amp_Output' = {
        $null = New-Item -ItemType Directory ./tests
        Set-Item function:global:Invoke-Pester { [pscustomobject] @{ Result = 'Passed'; FailedCount = 0; Failed = @() } }
    }
    'about_Amp_Sessions' = { $null = New-Item -ItemType Directory '~/project' }
    'about_Amp_Tools_And_Approval' = {
        # What a session may have.
        Set-Item function:global:Get-Service { 'web: stopped' }
        Set-Item function:global:Get-OurServiceLog { '03:12 out of memory' }
        Set-Variable orders @{ 4711 = 'lost' } -Scope Global
    }
    'about_Amp_Automation' = $secretManagement
    'Register-AmpSchedule' = {
        & $secretManagement
        & $login
    }
    'Get-AmpSchedule' = $login
    'Start-AmpSchedule' = $login
    'Unregister-AmpSchedule' = $login
    'Approve-AmpMcpServer' = {
        New-AmpMcpServer files npx -ArgumentList '-y', '@modelcontextprotocol/server-filesystem', '/srv/docs' | Add-AmpMcpServer -Workspace
    }
    'Connect-AmpMcpServer' = { New-AmpMcpServer tickets -Url $deafUrl | Add-AmpMcpServer }
    'Disconnect-AmpMcpServer' = {
        New-AmpMcpServer tickets -Url $deafUrl | Add-AmpMcpServer
        Connect-AmpMcpServer tickets -ClientId amp-cli -AuthorizationUrl https://login.example.com/authorize -TokenUrl https://login.example.com/token
    }
    'Export-AmpThread' = { Invoke-AmpAgent 'Plan the migration' }
    'Export-AmpThreadMarkdown' = { Invoke-AmpAgent 'Plan the migration' }
    'Find-AmpThread' = { Invoke-AmpAgent 'Plan the migration' }
    # The local service knows no filters and looks for the words.
    'Find-AmpThread 2' = {
        $run = Invoke-AmpAgent 'Plan the migration of file:src/auth'
        Rename-AmpThread $run[0].ThreadId 'Plan the new login'
    }
    'Get-AmpSkill' = {
        $null = New-Item -ItemType Directory ./skills/release-notes
        Set-Content ./skills/release-notes/SKILL.md "---`nname: release-notes`ndescription: Writes release notes from the log.`n---`n"
        Install-AmpSkill -LiteralPath ./skills/release-notes
    }
    'Get-AmpThread' = {
        Invoke-AmpAgent 'Which files are in this folder?'
        Invoke-AmpAgent 'Plan the migration'
    }
    'Get-AmpThreadUsage' = { Invoke-AmpAgent 'Which files are in this folder?' }
    'Install-AmpSkill' = {
        $repository = Join-Path $place.Root 'github/acme/agent-skills.git'
        $null = New-Item -ItemType Directory (Join-Path $repository 'changelog')
        Set-Content (Join-Path $repository 'changelog/SKILL.md') "---`nname: changelog`ndescription: Writes the changelog.`n---`n"
        git -C $repository init -q
        git -C $repository add .
        git -C $repository commit -qm skills
    }
    'Invoke-AmpReview' = {
        git init -q -b main
        git add .
        git commit -qm 'Back the server up'
        git switch -qc other-folder
        'Get-ChildItem /home | Compress-Archive -DestinationPath /backup/home.zip' | Set-Content backup.ps1
        git commit -qam 'Back the home folders up'
    }
    'New-AmpUserMessage 2' = {
        foreach ($name in 'before.png', 'after.png') {
            [System.IO.File]::WriteAllBytes("$PWD/$name", [Convert]::FromBase64String('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='))
        }
    }
    'New-AmpSession 3' = { Invoke-AmpAgent 'Plan the migration' }
    'New-AmpMcpServer 4' = { New-AmpMcpServer tickets -Url $deafUrl | Add-AmpMcpServer }
    'Install-AmpCli' = { $env:AMP_CLI_PATH = $null }
    'Remove-AmpSession 2' = { New-AmpSession }
    'Remove-AmpThread 2' = { New-AmpThread }
    'Remove-AmpMcpServer' = {
        New-AmpMcpServer old-tickets -Url $deafUrl | Add-AmpMcpServer
        New-AmpMcpServer old-files npx | Add-AmpMcpServer
    }
    'Set-AmpThread' = { Invoke-AmpAgent 'Plan the migration' }
    'Test-AmpMcpServer' = {
        New-AmpMcpServer tickets -Url $deafUrl | Add-AmpMcpServer
        New-AmpMcpServer files npx -ArgumentList '-y', '@modelcontextprotocol/server-filesystem', '/srv/docs' | Add-AmpMcpServer -Workspace
    }
    'Uninstall-AmpSkill' = {
        foreach ($name in 'release-notes', 'old-notes') {
            $null = New-Item -ItemType Directory ./skills/$name
            Set-Content ./skills/$name/SKILL.md "---`nname: $name`ndescription: Writes release notes from the log.`n---`n"
        }
        Get-ChildItem ./skills -Directory | Install-AmpSkill
    }
}

# What the service knows, whatever the CLI shows of it.
function Get-ServiceThread([switch] $Archived) {
    Invoke-RestMethod "$env:AMP_URL/api/threads?archived=$("$Archived".ToLowerInvariant())" | ForEach-Object { $_ }
}

# After an example, in its scope: a sentence for each thing that is not as its title says.
$checks = @{
    'about_Amp_Messages 1' = {
        if ($back.ToolUse.Input.cmd -ne 'ls') { 'what comes back from Clixml has its depth' }
        if (@(Get-Content ./run.jsonl).Count -ne 6) { 'each message is a line' }
    }
    'about_Amp_Tools_And_Approval 1' = {
        $told = ($objects | Where-Object ToolResult).ToolResult.Text -join "`n"
        if ($told -notlike '*lost*Only git status, git diff, ls and npm test may run.*') { "the agent was told what the tool gave and why it may not: $told" }
        Test-File ./README.md '.'
    }
    'about_Amp_Permissions 1' = { Test-File "$($place.UserHome)/.config/amp/settings.json" 'git push --force' }
    'about_Amp_Cli_Versions 1' = { if ($env:AMP_CLI_PATH -ne (Join-Path $place.Root 'opt/amp/bin/amp')) { 'the CLI is the one that was installed' } }
    'Add-AmpMcpServer 1' = { Test-File "$($place.UserHome)/.config/amp/settings.json" 'Bearer \$\{TICKETS_TOKEN\}' }
    'Add-AmpPermission 1' = { Test-File "$($place.UserHome)/.config/amp/settings.json" '"rm \*"' }
    'Add-AmpPermission 2' = { Test-NoFile ./.amp/settings.json }
    'Connect-AmpMcpServer 1' = { Test-File "$($place.UserHome)/.amp/oauth/tickets-client.json" '"amp-cli"' }
    'Disconnect-AmpMcpServer 1' = { Test-NoFile "$($place.UserHome)/.amp/oauth/tickets-client.json" }
    'Export-AmpThread 2' = { Get-ChildItem ./backup | ForEach-Object { Test-File $_.FullName "^\{[\s\S]*$($_.BaseName -replace '^.*(?=T-)')" } }
    'Export-AmpThreadMarkdown 2' = { Get-ChildItem ./threads | ForEach-Object { Test-File $_.FullName '# Plan the migration' } }
    'Get-AmpProcess 1' = { if ($s.ProcessId -notin (Get-AmpProcess).Id) { "the session's process $($s.ProcessId) is listed" } }
    'Install-AmpCli 1' = { Test-NoFile "$($place.UserHome)/.local" }
    'Install-AmpCli 2' = {
        if ((Get-AmpCli -CliPath (Join-Path $place.Root 'opt/amp/bin/amp')).Version -ne '0.0.1774310664-gcb98ac') { 'that version runs from there' }
    }
    'Install-AmpSkill 1' = { Test-File ./.agents/skills/release-notes/SKILL.md 'Release notes' }
    'Install-AmpSkill 2' = { Test-File "$($place.UserHome)/.config/agents/skills/changelog/SKILL.md" 'changelog' }
    'Invoke-AmpAgent 10' = { Test-File ./changelog-agent.log '^The changelog is up to date\.' }
    'New-AmpThread 2' = { if (@(Get-ServiceThread).Count -ne 3) { 'there is a new thread' } }
    'New-AmpTool 4' = { Test-File ./tools/Get-Stock 'Get-Stock' }
    'Remove-AmpMcpServer 1' = { if (Get-AmpMcpServer) { 'the servers are gone' } }
    'Remove-AmpSession 1' = { if ("$($s.State)" -ne 'Ended') { 'the session has ended' } }
    'Remove-AmpSession 2' = { if (Get-AmpSession) { 'no session is left' } }
    'Remove-AmpThread 1' = { if (Get-ServiceThread) { 'the thread is gone' } }
    'Remove-AmpThread 2' = { if (@(Get-ServiceThread).Count -ne 1) { 'the thread is still there' } }
    'Rename-AmpThread 1' = { if ((Get-ServiceThread).title -ne 'Nightly clean-up') { 'the service has the new title' } }
    'Send-AmpMessage 2' = { if ("$($s.State)" -ne 'Ready') { 'the turn has ended' } }
    'Set-AmpThread 1' = { if (Get-ServiceThread) { 'the thread is archived' } }
    'Set-AmpThread 2' = { if ((Get-ServiceThread).meta.visibility -ne 'private') { 'the service knows it as private' } }
    'Stop-AmpTurn 1' = { if ($s.ProcessId -and (Test-AmpProcess $s.ProcessId)) { 'its process has ended' } }
    'Uninstall-AmpSkill 1' = { Test-NoFile ./.agents/skills/release-notes }
    'Uninstall-AmpSkill 2' = { Test-NoFile ./.agents/skills/old-notes }
}

function Test-File([string] $Path, [string] $Pattern) {
    if (-not (Test-Path -LiteralPath $Path) -or (Get-Content -Raw -LiteralPath $Path) -notmatch $Pattern) {
        "'$Path' holds $Pattern"
    }
}

function Test-NoFile([string] $Path) {
    if (Test-Path -LiteralPath $Path) {
        "'$Path' is not there"
    }
}

# Code of the pages about more than one cmdlet that is not run, and why.
$notRun = [ordered]@{
    '# update-changelog\.ps1' = 'a script of its own, which has its own test'
    '(?m)^Describe ' = 'Pester runs it, and not a console'
    'Register-ScheduledTask' = 'Windows alone has it'
    'Register-SecretVault' = 'that module is not a part of PowerShell'
}

# The pages with their examples: number, title, code, and what is shown of it. The code of a page about more than one cmdlet is one
# piece, whose parts go on from each other, and shows nothing.
function Get-HelpPage {
    $folder = Join-Path (Get-AmpTestLayout).Root 'docs/help'
    foreach ($file in Get-ChildItem -Path (Join-Path $folder '*-*.md') | Sort-Object Name) {
        $text = (Get-Content -Raw -LiteralPath $file.FullName).ReplaceLineEndings("`n")
        $pattern = '(?ms)^### Example (\d+): ([^\n]+)\n(?:(?!^### ).)*?^```powershell\n(.*?)\n```\n(?:\s*```Output\n(.*?)\n```\n)?'
        $examples = foreach ($match in [regex]::Matches($text, $pattern)) {
            @{ Number = [int] $match.Groups[1].Value; Title = $match.Groups[2].Value; Code = $match.Groups[3].Value; Shown = $match.Groups[4].Value }
        }

        @{ Name = $file.BaseName; Examples = @($examples) }
    }

    foreach ($file in Get-ChildItem -Path (Join-Path $folder 'about_*.md') | Sort-Object Name) {
        $text = (Get-Content -Raw -LiteralPath $file.FullName).ReplaceLineEndings("`n")
        $code = [regex]::Matches($text, '(?ms)^```powershell\n(.*?)\n```') | ForEach-Object { $_.Groups[1].Value } |
            Where-Object { $block = $_; -not ($notRun.Keys | Where-Object { $block -match $_ }) }
        @{ Name = $file.BaseName; Examples = @(@{ Number = 1; Title = 'all of its code'; Code = $code -join "`n`n"; Shown = $null }) }
    }
}
